"use strict";

// Look closer: a figure whose caption links to tables/NAME.js can be replaced by what is in that file, a table or a
// chart to turn. Nothing of it is loaded before a reader asks, but for a figure of the class "open". Without scripts,
// and in print, the figure stands as it is. A page is read from a folder, where nothing can be fetched: files are
// scripts that hand over what they hold, and all of it is set into the page as text.
const lookCloser = (() => {
  const here = new URL(".", document.currentScript.src);
  const loading = new Map();
  const taken = new Map();
  const kinds = {};

  function load(address) {
    if (!loading.has(address)) {
      loading.set(address, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = () => failed(new Error(`${address} cannot be loaded`));
        document.head.append(script);
      }));
    }
    return loading.get(address);
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  async function open(figure, link, button) {
    const name = new URL(link.href).pathname.split("/").pop().replace(/\.js$/, "");
    const image = figure.querySelector(":scope > a, :scope > img, :scope > .cell_output");
    let room = figure.querySelector(":scope > .closer");
    if (!room) {
      room = make("div", { class: "closer", role: "group", "aria-label": "Closer look", tabindex: "0" });
      (image ?? figure.firstElementChild).before(room);
      button.disabled = true;
      try {
        await load(link.href);
        await kinds[taken.get(name).kind](room, taken.get(name), name);
      } catch (error) {
        room.remove();
        throw error;
      } finally {
        button.disabled = false;
      }
    }
    const closer = figure.classList.toggle("closer-shown");
    button.setAttribute("aria-expanded", closer);
    button.textContent = closer ? "Back to the picture" : "Look closer";
    if (closer) dispatchEvent(new Event("resize"));
  }

  function begin() {
    for (const link of document.querySelectorAll('figcaption a.download[href$=".js"]')) {
      const figure = link.closest("figure");
      const button = make("button", { type: "button", class: "closer-button", "aria-expanded": "false" }, "Look closer");
      button.addEventListener("click", () => open(figure, link, button));
      link.after(button);
      if (figure.classList.contains("open")) open(figure, link, button);
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
  return { here, load, make, kinds, take: (name, content) => taken.set(name, content) };
})();

// ---- the leaderboard ------------------------------------------------------------------------------------------------
lookCloser.kinds.leaderboard = async (room, board) => {
  const { make, load, here } = lookCloser;
  await load(new URL("datatables/dataTables.min.js", here).href);
  const fields = ["by", "scheme", "policy", "area", "family", "year", "q", "order", "model"];
  const schemes = Object.keys(board.schemes);
  const policies = Object.keys(board.policies);
  const first = { by: "overall", scheme: schemes[0], policy: policies[0], area: "", family: "", year: "", q: "", order: "0-asc", model: "" };
  let state = { ...first };

  const known = (values) => [...new Set(values.filter((value) => value !== null))].sort();
  const same = (values) => values.map((value) => [value, value]);
  const families = known(board.models.map((model) => model.family));
  const years = known(board.models.map((model) => model.year));
  const areas = known(board.metrics.map(([, area]) => area));
  const choices = {
    by: ["Ranked by", [["overall", "neural and behavioural score"], ...same(board.parts)]],
    scheme: ["Averaged by", Object.entries(board.schemes)],
    policy: ["Missing scores", Object.entries(board.policies)],
    area: ["With all scores in", [["", "any area"], ...same(areas)]],
    family: ["Family", [["", "all"], ...same(families)]],
    year: ["First scored", [["", "in any year"], ...same(years)]],
  };
  const selects = {};
  const bar = make("div", { class: "closer-bar" });
  for (const [field, [label, options]] of Object.entries(choices)) {
    if (field === "year" && !years.length) continue;
    const select = make("select", { id: `board-${field}` });
    for (const [value, text] of options) select.append(make("option", { value }, String(text)));
    select.addEventListener("change", () => change({ [field]: select.value }));
    bar.append(make("label", { for: select.id }, label, " ", select));
    selects[field] = select;
  }
  const count = make("p", { class: "closer-count", "aria-live": "polite" });
  const element = make("table", { class: "leaderboard" });
  room.append(bar, make("div", { class: "closer-scroll", tabindex: "0", role: "group", "aria-label": "Leaderboard" }, element), count);

  const key = (by, scheme, policy) => `${by}|${by === "overall" ? scheme : ""}|${policy}`;
  const ways = new Map(board.ways.map((way, number) => [way, number]));
  const at = (model, by, scheme, policy) => model.ranks[ways.get(key(by, scheme, policy))];
  const place = (model) => at(model, state.by, state.scheme, state.policy);
  const interval = (found) => (found && found[1] !== null ? `${found[1]} to ${found[2]}` : "");
  const last = Number.MAX_SAFE_INTEGER;
  // what is shown, and what is sorted by: nothing comes last
  const cell = (value, order) => (data, type, model) =>
    type === "display" || type === "filter" ? (value(model) ?? "") : (order ?? value)(model) ?? last;
  const opener = ({ id, name }) => make("button",
    { type: "button", class: "closer-model", "data-model": id, "aria-expanded": String(id === state.model) },
    ...name.split(/(?<=[_-])/).flatMap((part, number) => (number ? [make("wbr"), part] : [part]))).outerHTML;
  const text = (value) => (data, type, model) => {
    const shown = String(value(model) ?? "");
    return type === "display" ? DataTable.util.escapeHtml(shown) : shown;
  };
  const columns = [
    ["rank", cell((model) => place(model)?.[0])],
    ["95 % interval", cell((model) => interval(place(model)), (model) => place(model)?.[1])],
    ["model", (data, type, model) => (type === "display" ? opener(model) : model.name)],
    ["score", cell((model) => place(model)?.[3].toFixed(3), (model) => (place(model) ? -place(model)[3] : last))],
    ...schemes.map((scheme) => [
      `by ${board.schemes[scheme]}`,
      cell((model) => at(model, "overall", scheme, state.policy)?.[0]),
    ]),
    ["family", text((model) => model.family)],
    ["first scored", cell((model) => model.year)],
    ["scores held", cell((model) => model.scores.filter((score) => score !== null).length)],
  ].map(([title, render]) => ({ title, render, data: null, defaultContent: "", type: title === "model" || title === "family" ? "string" : "num" }));

  const table = new DataTable(element, {
    data: board.models,
    columns,
    order: [[0, "asc"]],
    pageLength: 25,
    lengthMenu: [10, 25, 50, { label: "all", value: -1 }],
    autoWidth: false,
    rowId: (model) => `model-${model.id}`,
    language: { search: "Search models", lengthMenu: "Models a page _MENU_", info: "", infoEmpty: "", infoFiltered: "", zeroRecords: "no such model" },
  });
  const scored = (model) => board.metrics.every(([, area], number) => area !== state.area || model.scores[number] !== null);
  table.search.fixed("choices", (shown, model) =>
    (!state.area || scored(model)) && (!state.family || model.family === state.family) && (!state.year || String(model.year) === state.year));

  function detail(model) {
    const inside = make("div", { class: "closer-detail" });
    const head = ["ranked by", ...Object.values(board.policies)];
    const lines = [...schemes.map((scheme) => ["overall", scheme, board.schemes[scheme]]), ...board.parts.map((part) => [part, "", `${part} alone`])];
    const ranks = make("table", {}, make("caption", {}, "Rank and 95 % interval, by what a missing score does"));
    ranks.append(make("thead", {}, make("tr", {}, ...head.map((word) => make("th", { scope: "col" }, word)))));
    ranks.append(make("tbody", {}, ...lines.map(([by, scheme, words]) => make("tr", {}, make("th", { scope: "row" }, words),
      ...policies.map((policy) => {
        const found = at(model, by, scheme, policy);
        return make("td", {}, found ? `${found[0]}${found[1] === null ? "" : ` (${interval(found)})`}` : "not ranked");
      })))));
    const scores = make("table", {}, make("caption", {}, "Scores, with the error that is published"));
    scores.append(make("thead", {}, make("tr", {}, ...["area", "metric", "score", "error"].map((word) => make("th", { scope: "col" }, word)))));
    const body = make("tbody");
    const missing = [];
    board.metrics.forEach(([metric, area], number) => {
      if (model.scores[number] === null) missing.push(metric);
      else body.append(make("tr", {}, make("td", {}, area ?? ""), make("th", { scope: "row" }, metric),
        make("td", {}, model.scores[number].toFixed(3)), make("td", {}, model.errors[number]?.toFixed(3) ?? "")));
    });
    scores.append(body);
    inside.append(make("p", {}, missing.length ? `Missing (${missing.length} of ${board.metrics.length}): ${missing.join(", ")}.` : "No score is missing."), ranks, scores);
    return inside;
  }

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const asked = Object.fromEntries(fields.filter((field) => given.has(field)).map((field) => [field, given.get(field)]));
    state = { ...first, ...asked };
    for (const [field, [, options]] of Object.entries(choices)) {
      if (!options.some(([value]) => String(value) === state[field])) state[field] = first[field];
    }
  }

  function write() {
    const changed = new URLSearchParams(fields.filter((field) => state[field] !== first[field]).map((field) => [field, state[field]]));
    history.replaceState(null, "", changed.size ? `#${changed}` : location.pathname + location.search);
  }

  let drawing = false;
  function draw() {
    drawing = true;
    for (const [field, select] of Object.entries(selects)) select.value = state[field];
    selects.scheme.disabled = state.by !== "overall";
    const [column, direction] = state.order.split("-");
    table.rows().invalidate();
    table.rows().every(function () { if (this.child.isShown()) this.child.hide(); });
    if (columns[column]) table.order([[Number(column), direction === "desc" ? "desc" : "asc"]]);
    table.search(state.q).draw();
    const chosen = table.row((number, model) => model.id === state.model);
    if (chosen.any()) {
      const at = table.rows({ search: "applied", order: "applied" }).indexes().toArray().indexOf(chosen.index());
      const size = table.page.len();
      if (at >= 0 && size > 0 && Math.floor(at / size) !== table.page()) table.page(Math.floor(at / size)).draw("page");
      chosen.child(detail(chosen.data())).show();
    }
    const shown = table.rows({ search: "applied" }).data().toArray();
    const ranked = board.models.filter((model) => place(model)).length;
    count.textContent = `${shown.length} of ${board.models.length} models shown; ${ranked} are ranked this way.`;
    drawing = false;
  }

  function change(news) {
    state = { ...state, ...news };
    write();
    draw();
  }

  element.addEventListener("click", (event) => {
    const { model } = event.target.closest(".closer-model")?.dataset ?? {};
    if (model === undefined) return;
    change({ model: state.model === model ? "" : model });
    element.querySelector(`.closer-model[data-model="${CSS.escape(model)}"]`)?.focus();
  });
  table.on("order", () => {
    const [[column, direction] = [0, "asc"]] = table.order();
    if (!drawing && direction) change({ order: `${column}-${direction}` });
  });
  table.on("search", () => {
    if (!drawing && table.search() !== state.q) change({ q: table.search() });
  });
  addEventListener("hashchange", () => { read(); draw(); });
  read();
  draw();
};

// ---- charts of Vega-Lite --------------------------------------------------------------------------------------------
lookCloser.kinds.chart = async (room, { spec, data, zoom = [] }, name) => {
  const { make, load, here } = lookCloser;
  await load(new URL("vega/vega.js", here).href);
  const datasets = Object.fromEntries(Object.entries(data).map(([key, { columns, rows }]) =>
    [key, rows.map((row) => Object.fromEntries(columns.map((column, number) => [column, row[number]])))]));
  const inside = make("div", { class: "closer-chart" });
  let view = null;
  let times = 1;
  function enlarge(factor) {
    times = Math.min(4, Math.max(1, times * factor));
    for (const size of zoom) view.signal(size, times * first.get(size));
    view.run();
  }
  const first = new Map();
  if (zoom.length) {
    const bar = make("div", { class: "closer-bar" });
    for (const [label, factor] of [["Larger", 1.5], ["Smaller", 1 / 1.5]]) {
      const button = make("button", { type: "button", class: "closer-button" }, label);
      button.addEventListener("click", () => enlarge(factor));
      bar.append(button);
    }
    room.append(bar);
  }
  room.append(inside);
  async function draw() {
    const style = getComputedStyle(document.body);
    const ink = style.getPropertyValue("--pst-color-text-base").trim() || style.color;
    const faint = style.getPropertyValue("--pst-color-border").trim() || ink;
    ({ view } = await vegaEmbed(inside, { ...spec, datasets }, {
      renderer: "svg",
      downloadFileName: name,
      actions: { export: true, source: false, compiled: false, editor: false },
      config: {
        background: "transparent",
        font: style.fontFamily,
        view: { stroke: faint },
        axis: { labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, gridColor: faint, gridOpacity: 0.5 },
        legend: { labelColor: ink, titleColor: ink },
        title: { color: ink },
      },
    }));
    for (const size of zoom) if (!first.has(size)) first.set(size, view.signal(size));
    if (times > 1) enlarge(1);
    // one picture with a description, and beside it the choices: a screen reader shall not walk through its marks
    const wrapper = inside.querySelector(".chart-wrapper");
    for (const attribute of ["role", "aria-roledescription", "aria-label"]) wrapper.removeAttribute(attribute);
    const picture = wrapper.querySelector("svg");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", spec.description);
    for (const group of picture.children) group.setAttribute("aria-hidden", "true");
    inside.querySelector("summary").setAttribute("aria-label", "Keep this chart as a file");
  }
  await draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
};
