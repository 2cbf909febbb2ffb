(() => {
  "use strict";
  const first = document.getElementById("columns-first");
  const rest = document.getElementById("columns-rest");
  const more = document.getElementById("columns-more");
  const controls = document.querySelector(".controls");

  if (first && controls) {
    controls.hidden = false;
    const cards = [...document.querySelectorAll(".column")];
    const room = first.children.length;
    const orders = {
      gap: (a, b) => b.dataset.gap - a.dataset.gap,
      place: (a, b) => a.dataset.place - b.dataset.place,
      name: (a, b) => a.dataset.name.localeCompare(b.dataset.name),
    };
    const buttons = [...controls.querySelectorAll("button")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        cards.sort(orders[button.dataset.sort]);
        cards.forEach((card, i) => (i < room ? first : rest).append(card));
      });
    }
    document.getElementById("find").addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const card of cards) card.hidden = !card.dataset.name.toLowerCase().includes(wanted);
      if (more && wanted) more.open = true;
    });
  }

  // Paper cannot be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.more:not([open]), .checks details:not([open])")];
    folded.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
})();
