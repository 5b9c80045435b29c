"use strict";

// Paper is white: in dark mode the words would be pale on it. And nothing can be unfolded there.
let theme = "";
let unfolded = [];
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  unfolded = [...document.querySelectorAll("details.folded:not([open])")];
  for (const figure of unfolded) figure.open = true;
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
  for (const figure of unfolded) figure.open = false;
});

// The keyboard reaches a box while it scrolls: the theme knows neither what is unfolded later nor the boxes of its tables.
addEventListener("DOMContentLoaded", () => {
  const sizes = new ResizeObserver((changes) => {
    for (const { target: box } of changes) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
  });
  document.querySelectorAll("pre, .cell_output > .output, .pst-scrollable-table-container").forEach((box) => sizes.observe(box));
});

// Each figure as a file, for slides and papers: its drawing is on the page, and PNG is painted from it.
const unpack = async (packed) => {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
const paint = async (drawing) => {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [3 * image.width, 3 * image.height];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((painted) => canvas.toBlob(painted, "image/png"));
};
const makers = { SVG: (drawing) => new Blob([drawing], { type: "image/svg+xml" }), PNG: paint };
addEventListener("DOMContentLoaded", () => {
  for (const image of document.querySelectorAll("img[data-drawing]")) {
    const offer = document.createElement("span");
    offer.className = "offer";
    for (const [kind, make] of Object.entries(makers)) {
      const button = document.createElement("button");
      button.textContent = kind;
      button.ariaLabel = `Keep this figure as ${kind}`;
      button.onclick = async () => {
        const link = document.createElement("a");
        link.download = `${image.dataset.name}.${kind.toLowerCase()}`;
        link.href = URL.createObjectURL(await make(await unpack(image.dataset.drawing)));
        link.click();
      };
      offer.append(button);
    }
    image.closest("figure")?.querySelector(".caption-text")?.append(" ", offer);
  }
});
