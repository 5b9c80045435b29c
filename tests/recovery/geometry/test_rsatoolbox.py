"""The closed form of the whitened correlation against rsatoolbox, which forms RDMs and solves with their covariance."""

import pytest
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare

from yardsticks.recovery.geometry import dissimilarity


@pytest.mark.parametrize("p", [1, 12, 70])
def test_similarity_against_rsatoolbox(rng, p):
    a = rng.standard_normal((40, p)) + 5
    b = rng.standard_normal((40, 25)) + a.mean(axis=1, keepdims=True)
    theirs = [calc_rdm(Dataset(x), method="euclidean") for x in (a, b)]
    assert dissimilarity.similarity(a, b) == pytest.approx(compare(*theirs, method="corr_cov").item(), abs=1e-8)
