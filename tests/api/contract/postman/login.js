// Logs in, or renews the login, of whoever calls: the person whose address begins the request's name, otherwise the one of
// the environment (username, password). Logins are kept until shortly before they end. Without a username nobody logs in.
const named = /^\S+@\S+/.exec(pm.info.requestName);
const username = named ? named[0] : pm.variables.get('username');
const baseUrl = pm.variables.get('baseUrl');
const sessions = JSON.parse(pm.collectionVariables.get('sessions') || '{}');
const key = `${baseUrl} ${username}`;

const keep = (answer) => {
  const until = Date.now() + (answer.expires_in - 30) * 1000;
  sessions[key] = { access: answer.access_token, refresh: answer.refresh_token, until };
  pm.collectionVariables.set('sessions', JSON.stringify(sessions));
  pm.collectionVariables.set('accessToken', answer.access_token);
};
const ask = (form, otherwise) => pm.sendRequest({
  url: `${baseUrl}/oauth/token`,
  method: 'POST',
  header: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: { mode: 'urlencoded', urlencoded: Object.entries(form).map(([key, value]) => ({ key, value })) },
}, (error, response) => {
  if (error) throw error;
  if (response.code === 200) keep(response.json());
  else if (otherwise) otherwise();
  else throw new Error(`${username} cannot log in: ${response.json().detail}`);
});
const logIn = () => ask({ grant_type: 'password', username, password: pm.variables.get('password') });

const session = sessions[key];
if (!username) pm.collectionVariables.set('accessToken', '');
else if (session && session.until > Date.now()) pm.collectionVariables.set('accessToken', session.access);
else if (session) ask({ grant_type: 'refresh_token', refresh_token: session.refresh }, logIn);
else logIn();
