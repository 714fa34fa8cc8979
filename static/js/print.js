'use strict';
// The button of a printed form; without scripts the browser's own menu prints.
document.querySelectorAll('[data-print]').forEach(button => {
  button.hidden = false;
  button.addEventListener('click', () => print());
});
