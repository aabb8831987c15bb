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

  function draw(figure) {
    for (const trace of figure.data) {
      for (const key of ["y", "z"]) if (trace[key] && trace[key].packed !== undefined) trace[key] = unpack(trace[key]);
    }
    const flow = figure.data[0].type === "sankey";
    const buttons = flow ? [["toImage"]] : config.modeBarButtons;
    return Plotly.newPlot(document.getElementById("figure-" + figure.name), figure.data, figure.layout, { ...config, modeBarButtons: buttons });
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

  // a choice draws one trace of its figure and hides the others
  for (const choice of document.querySelectorAll("select.choice")) {
    choice.addEventListener("change", () => {
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
