// «Показать пароль»: a button beside every field marked data-secret. Without JavaScript the field is just a password.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[data-secret]").forEach((field) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-flat btn-xs";
    button.setAttribute("aria-pressed", "false");
    button.textContent = "Показать пароль";
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      button.textContent = shown ? "Показать пароль" : "Скрыть пароль";
    });
    field.insertAdjacentElement("afterend", button);
  });
});
