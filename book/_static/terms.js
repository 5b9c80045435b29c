"use strict";

// The definition of a term, while the pointer or the focus is on it; Escape puts it away (WCAG 1.4.13).
(() => {
  const tip = document.createElement("div");
  tip.id = "term-definition";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  let term = null;
  let leaving = 0;

  function hide() {
    clearTimeout(leaving);
    tip.hidden = true;
    if (term) term.removeAttribute("aria-describedby");
    term = null;
  }

  function show(link) {
    clearTimeout(leaving);
    if (term === link) return;
    hide();
    term = link;
    tip.textContent = link.dataset.definition;
    link.after(tip); // after the word, so that the pointer can go there
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    tip.style.left = tip.style.top = "0px";
    const word = link.getClientRects()[0];
    const origin = tip.getBoundingClientRect();
    const room = document.documentElement.clientWidth - origin.width - 8;
    tip.style.left = `${Math.max(8, Math.min(word.left, room)) - origin.left}px`;
    tip.style.top = `${word.bottom - origin.top}px`;
  }

  function leave() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 150);
  }

  tip.addEventListener("pointerenter", () => clearTimeout(leaving));
  tip.addEventListener("pointerleave", leave);
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll("a.term")) {
      link.addEventListener("pointerenter", () => show(link));
      link.addEventListener("pointerleave", leave);
      link.addEventListener("focus", () => show(link));
      link.addEventListener("blur", hide);
    }
  });
})();
