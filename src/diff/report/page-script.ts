/**
 * Filtering, and opening all at once: for convenience, as the page says everything without it. It writes nothing into the page
 * but numbers.
 */
export const pageScript = `
const tools = document.querySelector('.tools');
const input = tools.querySelector('input');
const output = tools.querySelector('output');
const changes = [...document.querySelectorAll('.change')];
const texts = new Map();
for (const change of changes) {
  let text = change.textContent;
  for (let at = change.parentElement; at.matches('details'); at = at.parentElement)
    text += ' ' + at.querySelector(':scope > summary').textContent;
  texts.set(change, (text + ' ' + (change.dataset.resource ?? '')).toLowerCase());
}
const folds = [...document.querySelectorAll('details.subject, details.branch')].reverse();
const wasOpen = new Map(folds.map((fold) => [fold, fold.open]));
const filter = () => {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const change of changes) {
    change.hidden = !words.every((word) => texts.get(change).includes(word));
    if (!change.hidden) shown++;
  }
  for (const fold of folds) {
    fold.hidden = !fold.querySelector('.change:not([hidden])');
    fold.open = words.length > 0 ? true : wasOpen.get(fold);
  }
  output.value = words.length > 0 ? shown + ' of ' + changes.length + ' places' : '';
};
input.addEventListener('input', filter);
for (const button of tools.querySelectorAll('button'))
  button.addEventListener('click', () => {
    for (const fold of folds) fold.open = button.name === 'open';
  });
addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('details')) fold.open = true;
});
tools.hidden = changes.length < 2;
`;
