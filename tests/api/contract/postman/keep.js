// Keeps what the next request needs: the id of what was made, changed or read (of a list: of its first row), and its ETag
// for If-Match.
const type = pm.response.headers.get('Content-Type') || '';
if (pm.response.code < 300 && type.startsWith('application/json')) {
  const path = pm.request.url.getPath().split('/').filter((part) => part && part !== 'status-changes');
  const [parent, last] = path.slice(-2);
  const variable = last === 'batch' ? undefined : kept[last] || kept[parent];
  const body = pm.response.json();
  const row = Array.isArray(body.items) ? body.items[0] : body;
  if (variable && row && row.id) {
    pm.collectionVariables.set(variable, row.id);
    const etag = body === row ? pm.response.headers.get('ETag') : `"${row.version}"`;
    if (etag) pm.collectionVariables.set(variable.replace(/Id$/, 'Etag'), etag);
  }
}
