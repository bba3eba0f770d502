
"use strict";
// The code of a mailed link follows the # in the address: it moves into the form, and out of the address and the history.
const code = document.getElementById("code");
function take() {
  if (code && location.hash.length > 1) {
    code.value = location.hash.slice(1);
    code.removeAttribute("aria-invalid");
    history.replaceState(null, "", location.pathname + location.search);
  }
  if (code) {
    document.getElementById("code-field").hidden = code.value !== "" && !code.hasAttribute("aria-invalid");
  }
}
take();
addEventListener("hashchange", take);
for (const field of document.querySelectorAll("input[type=password]")) {
  const label = document.createElement("label"), box = document.createElement("input");
  label.className = "show";
  box.type = "checkbox";
  box.onchange = () => { field.type = box.checked ? "text" : "password"; };
  label.append(box, " " + document.currentScript.dataset.show);
  field.after(label);
}
