// What can be said of an e-mail and a token without asking anybody; the daemon says the same, later.

export interface Shape {
  tone: 'error' | 'warning';
  /** What the daemon calls it. */
  code: string;
  text: string;
}

export function emailShape(email: string): Shape | null {
  if (email === '') return null;
  if (/\s/.test(email)) return { tone: 'error', code: 'credential.username_not_email', text: 'There is a blank in it.' };
  if (!email.includes('@')) {
    return {
      tone: 'error',
      code: 'credential.username_not_email',
      text: 'This is no e-mail address. Bitbucket takes the e-mail of the Atlassian account with API tokens, not the user name.',
    };
  }
  return null;
}

const shortest = 40;

export function tokenShape(token: string): Shape | null {
  if (token === '') return null;
  if (token.startsWith('ATBB')) {
    return {
      tone: 'error',
      code: 'credential.app_password',
      text: 'This is an app password. Atlassian removed them on 28 July 2026: create an API token with scopes instead.',
    };
  }
  if (token.startsWith('ATCTT')) {
    return {
      tone: 'error',
      code: 'credential.access_token_unsupported',
      text: 'This is an access token of a repository, project or workspace. An API token of an account is needed.',
    };
  }
  if (/[\s:\u0000-\u001f\u007f]/.test(token)) {
    return {
      tone: 'error',
      code: 'credential.token_malformed',
      text: 'There is a blank, a line break or a colon in it: copy the token again, alone.',
    };
  }
  const begins = token.startsWith('ATATT');
  if (token.length < shortest && begins) {
    return { tone: 'error', code: 'credential.token_malformed', text: 'It is too short: copy all of the token.' };
  }
  if (token.length < shortest) {
    return {
      tone: 'error',
      code: 'credential.password_suspected',
      text: 'It is too short for a token. Bitbucket takes no passwords: create an API token with scopes.',
    };
  }
  if (!begins) {
    return {
      tone: 'warning',
      code: 'credential.token_malformed',
      text: 'API tokens begin with ATATT. If this one is of another kind, Bitbucket will refuse it.',
    };
  }
  return null;
}

const day = 86_400_000;
const longest = 365;

/** `date`: "2027-01-31", as a date input gives it. */
export function expiryShape(date: string, now: Date): Shape | null {
  if (date === '') {
    return {
      tone: 'warning',
      code: 'credential.expiry_assumed',
      text: 'Without it a year from today is assumed, and marked as assumed.',
    };
  }
  const left = (Date.parse(`${date}T23:59:59Z`) - now.getTime()) / day;
  if (Number.isNaN(left)) return { tone: 'error', code: 'request.invalid_field', text: 'This is no date.' };
  if (left < 0) return { tone: 'error', code: 'credential.expiry_past', text: 'This day has passed.' };
  if (left > longest + 1) {
    return { tone: 'error', code: 'credential.expiry_too_far', text: 'Atlassian lets tokens live 365 days at most.' };
  }
  return null;
}

/** The end of that day, as the API takes it. */
export const expiryOf = (date: string) => (date === '' ? null : `${date}T00:00:00Z`);
