"""Who may reach the workers: this machine alone, or whoever holds the certificates of the run."""

import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import LocalCluster
from distributed.security import Security

from yardsticks.limits import limited
from yardsticks.workers import QUEUES, Certificates, make_queue, open_client, own_certificates


def listening(port: int) -> set[str]:
    """The addresses at which something listens on a port, as the kernel lists them."""
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with open(f"/proc/net/{table}") as lines:
            for line in list(lines)[1:]:
                local, state = line.split()[1], line.split()[3]
                address, number = local.split(":")
                if state == "0A" and int(number, 16) == port:  # LISTEN
                    raw = bytes.fromhex(address)
                    words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
                    found.add(socket.inet_ntop(family, words))
    return found


def answer(host: str, port: int, security: Security | None) -> bytes:
    """What a scheduler says to a stranger."""
    with socket.create_connection((host, port), timeout=5) as plain:
        try:
            if security is None:
                plain.sendall(bytes(64))
                return plain.recv(64)
            context = security.get_connection_args("client")["ssl_context"]
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the stranger trusts anybody
            with context.wrap_socket(plain) as secret:
                return secret.recv(64)
        except (ConnectionError, ssl.SSLError):
            return b""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A queueing system that runs each job at once, on this machine."""
    commands = tmp_path / "bin"
    commands.mkdir()
    # as a real one does, it keeps a copy: the script that is submitted goes as soon as this command has ended
    (commands / "sbatch").write_text(
        f"#!/bin/sh\ncp $1 {tmp_path}/job.sh\nbash {tmp_path}/job.sh >{tmp_path}/job.log 2>&1 &\n"
        f"echo $! >>{tmp_path}/jobs\necho Submitted batch job $!\n"
    )
    (commands / "scancel").write_text("#!/bin/sh\npkill -P $1; kill $1; true\n")
    for command in commands.iterdir():
        command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("queue", list(QUEUES))
def test_script_for_a_queue(queue, tmp_path):
    options = {"queue": "long", "walltime": "02:00", "memory": "3GB"}
    with own_certificates(tmp_path) as security:
        made = make_queue(queue, options, device="cuda", security=security)
        try:
            words = made.job_script().split()
        finally:
            made.close()
        assert words[words.index("--tls-key") + 1] == security.tls_worker_key
    assert {"long", "--no-dashboard", "--tls-ca-file", "--tls-cert"} <= set(" ".join(words).replace("=", " ").split())
    assert words[words.index("--resources") + 1] == "GPU=1"
    assert "MALLOC_TRIM_THRESHOLD_=" in " ".join(words)


def test_queue_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="none of slurm"):
        make_queue("condor", {}, security=Security())
    with pytest.raises(ValueError, match="colour"):
        make_queue("slurm", {"colour": "red"}, security=Security())


def test_workers_of_a_queue_take_orders_from_those_with_its_certificates_alone(slurm):
    with open_client(queue="slurm", workers=1, folder=slurm) as client:
        client.wait_for_workers(1, timeout=240)
        assert client.submit(sum, [1, 2]).result(timeout=120) == 3
        (own,) = slurm.glob(".certificates-*")
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        info = client.scheduler_info()
        addresses = [info["address"], *info["workers"]]
        assert all(address.startswith("tls://") for address in addresses)
        host, port = info["address"].removeprefix("tls://").split(":")
        assert answer(host, int(port), None) == b""  # in the clear
        assert answer(host, int(port), Security.temporary()) == b""  # with somebody else's certificates
        assert listening(info["services"]["dashboard"]) <= {"127.0.0.1", "::1"}
    assert not own.exists()


def test_workers_on_this_machine_are_out_of_reach_from_others():
    with open_client(workers=1) as client:
        client.wait_for_workers(1, timeout=240)
        info = client.scheduler_info()
        ports = [int(address.rpartition(":")[2]) for address in [info["address"], *info["workers"]]]
        for port in [*ports, info["services"]["dashboard"]]:
            assert listening(port) <= {"127.0.0.1", "::1"}


class TestLimited:
    def test_in_time(self):
        for seconds in (None, 60):
            with limited(seconds):
                done = True
            assert done
            with pytest.raises(KeyError), limited(seconds):
                raise KeyError("one's own")

    def test_too_long(self):
        handled = []

        def endless():
            with limited(0.1):
                while True:
                    try:
                        time.sleep(0.01)
                    except Exception as error:  # what the work inside handles is its own
                        handled.append(error)

        with ThreadPoolExecutor(1) as threads:  # as on a worker, whose tasks are not in the main thread
            with pytest.raises(TimeoutError, match=r"longer than 0\.1 seconds"):
                threads.submit(endless).result(60)
        assert handled == []

    def test_at_the_very_end(self):
        """Whenever the time is over, it ends in one of two ways, and nothing is raised afterwards."""
        ends = []
        for number in range(100):
            try:
                with limited(0.001):
                    time.sleep(0.00001 * number)
                ends.append("in time")
            except TimeoutError:
                ends.append("late")
        assert len(ends) == 100

    def test_one_that_does_not_notice_ends_its_process(self):
        code = "import time; from yardsticks import limits; limits._HUNG = 0.1\n"
        code += "with limits.limited(0.1): time.sleep(60)"
        began = time.monotonic()
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1
        assert time.monotonic() - began < 50


def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setattr("yardsticks.workers._GRACE", 1)
    with pytest.raises(OSError, match="Timed out"), open_client(scheduler="tcp://127.0.0.1:9"):
        pass


class TestCertificates:
    @pytest.fixture
    def files(self, tmp_path):
        made = Security.temporary()
        content = {"ca_file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
        for name, text in content.items():
            (tmp_path / name).write_text(text)
        return Certificates(*(tmp_path / name for name in content))

    def test_a_scheduler_that_encrypts(self, files):
        ca_file, cert, key = map(str, files)
        theirs = Security(
            tls_ca_file=ca_file,
            tls_scheduler_cert=cert,
            tls_scheduler_key=key,
            tls_worker_cert=cert,
            tls_worker_key=key,
            tls_client_cert=cert,
            tls_client_key=key,
            require_encryption=True,
        )
        with (
            LocalCluster(n_workers=0, security=theirs, protocol="tls://", dashboard_address="localhost:0") as cluster,
            open_client(scheduler=cluster.scheduler_address, certificates=files) as client,
        ):
            assert client.scheduler_info()["address"].startswith("tls://")

    def test_missing_and_superfluous(self, files, tmp_path):
        with pytest.raises(ValueError, match="asks for certificates"), open_client(scheduler="tls://127.0.0.1:9"):
            pass
        with (
            pytest.raises(ValueError, match="does not encrypt"),
            open_client(scheduler="tcp://127.0.0.1:9", certificates=files),
        ):
            pass
        files.key.unlink()
        with (
            pytest.raises(ValueError, match="no such file"),
            open_client(scheduler="tls://127.0.0.1:9", certificates=files),
        ):
            pass
