// The table of one region does not stay when another is chosen.

document.addEventListener("change", (event) => {
  if (event.target.id === "texture-region") document.getElementById("texture-table")?.replaceChildren();
});
