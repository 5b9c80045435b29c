"use strict";

// Paper is white: in dark mode the words would be pale on it.
let theme = "";
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
});

// The keyboard reaches a box while it scrolls: the theme knows neither what is unfolded later nor the boxes of its tables.
addEventListener("DOMContentLoaded", () => {
  const sizes = new ResizeObserver((changes) => {
    for (const { target: box } of changes) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
  });
  document.querySelectorAll("pre, .cell_output > .output, .pst-scrollable-table-container").forEach((box) => sizes.observe(box));
});
