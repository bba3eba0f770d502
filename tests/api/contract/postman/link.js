// The newest link that was mailed to somebody: pasted into the variable `link`, or fetched from `mailUrl`, where
// `node tests/clients/mailbox.mjs data/demo/mail` answers.
const take = (link) => {
  const [id, token] = link.trim().split('#').pop().split('.');
  pm.collectionVariables.set('linkId', id);
  pm.collectionVariables.set('linkToken', token);
};
const pasted = pm.variables.get('link');
if (pasted) {
  pm.environment.set('link', '');
  take(pasted);
} else {
  pm.sendRequest(`${pm.variables.get('mailUrl')}/?to=${encodeURIComponent(to)}`, (error, response) => {
    if (error || response.code !== 200) throw new Error(`Paste the link of the newest mail to ${to} into the variable link.`);
    take(response.text());
  });
}
