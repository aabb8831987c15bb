"use strict";
(function () {
  const content = JSON.parse(document.getElementById("content").textContent);

  // 16-bit steps in base64 -> numbers; -32768 stands for no value
  function unpack(spec) {
    const bytes = Uint8Array.from(atob(spec.packed), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const values = new Float64Array(bytes.length / 2);
    for (let place = 0; place < values.length; place++) {
      const whole = view.getInt16(2 * place, true);
      values[place] = whole === -32768 ? NaN : whole * spec.step;
    }
    if (spec.shape.length === 1) return values;
    const rows = [];
    for (let row = 0; row < spec.shape[0]; row++) rows.push(values.subarray(row * spec.shape[1], (row + 1) * spec.shape[1]));
    return rows;
  }

  Plotly.register({
    moduleType: "locale",
    name: "report",
    dictionary: {
      "Download plot as a PNG": content.words["figure.to_image"],
      "Download plot": content.words["figure.to_image"],
      "Reset axes": content.words["figure.reset"],
      "Taking snapshot - this may take a few seconds": content.words["figure.snapshot"],
    },
    format: {},
  });

  const config = { displaylogo: false, responsive: true, showTips: false, locale: "report", modeBarButtons: [["toImage", "resetScale2d"]] };

  function draw(figure, place = 0) {
    const frame = figure.frames ? figure.frames[place] : figure;
    for (const trace of frame.data) {
      for (const key of ["y", "z"]) if (trace[key] && trace[key].packed !== undefined) trace[key] = unpack(trace[key]);
    }
    const flow = frame.data[0].type === "sankey";
    const buttons = flow ? [["toImage"]] : config.modeBarButtons;
    const drawing = document.getElementById("figure-" + figure.name);
    const first = !drawing.classList.contains("js-plotly-plot");
    const drawn = Plotly.react(drawing, frame.data, { ...figure.layout, ...frame.layout }, { ...config, modeBarButtons: buttons });
    const chosen = figure.layout.meta && figure.layout.meta.chooses;
    if (first && chosen) drawing.on("plotly_click", (event) => choose(chosen, event.points[0].customdata));
    return drawn;
  }

  // a point of one figure may choose what another one shows
  function choose(name, place) {
    const choice = document.querySelector('select.choice[data-figure="figure-' + name + '"]');
    if (!choice || !(place >= 0)) return;
    choice.selectedIndex = place;
    choice.dispatchEvent(new Event("change"));
    choice.closest("section").scrollIntoView({ behavior: "smooth" });
  }

  // one after the other, so that the page can be read while its figures appear
  const waiting = [...content.figures];
  function next() {
    if (waiting.length) {
      draw(waiting.shift());
      setTimeout(next, 0);
    } else {
      document.documentElement.dataset.drawnAfterMs = Math.round(performance.now());
    }
  }
  next();

  // a choice draws one frame of its figure, or one trace and hides the others
  for (const choice of document.querySelectorAll("select.choice")) {
    const figure = content.figures.find((one) => "figure-" + one.name === choice.dataset.figure);
    choice.addEventListener("change", () => {
      if (figure.frames) return draw(figure, choice.selectedIndex);
      const visible = Array.from(choice.options, (option, place) => place === choice.selectedIndex);
      Plotly.restyle(choice.dataset.figure, { visible });
    });
  }

  // on paper the page keeps the width at which its figures were drawn, and shrinks as a whole
  const PAPER_WIDTH_PX = 700;
  window.addEventListener("beforeprint", () => {
    while (waiting.length) draw(waiting.shift());
    for (const folded of document.querySelectorAll("details.folded")) folded.open = true;
    const width = document.querySelector(".drawing").clientWidth;
    document.documentElement.style.setProperty("--print-width", width + "px");
    document.documentElement.style.setProperty("--print-zoom", PAPER_WIDTH_PX / width);
  });
})();
