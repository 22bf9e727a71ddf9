// What can be said of an e-mail and a token without asking anybody; the daemon says the same, later.

export interface Shape {
  tone: 'error' | 'warning';
  text: string;
}

export function emailShape(email: string): Shape | null {
  if (email === '') return null;
  if (/\s/.test(email)) return { tone: 'error', text: 'There is a blank in it.' };
  if (!email.includes('@')) {
    return {
      tone: 'error',
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
      text: 'This is an app password. Atlassian has ended them: create an API token with scopes instead.',
    };
  }
  if (token.startsWith('ATCTT')) {
    return {
      tone: 'error',
      text: 'This is an access token of a repository, project or workspace. An API token of an account is needed.',
    };
  }
  if (/[\s:\u0000-\u001f\u007f]/.test(token)) {
    return { tone: 'error', text: 'There is a blank, a line break or a colon in it: copy the token again, alone.' };
  }
  if (token.length < shortest) return { tone: 'error', text: 'It is too short: copy all of the token.' };
  if (!token.startsWith('ATATT')) {
    return { tone: 'warning', text: 'API tokens begin with ATATT. If this one is of another kind, Bitbucket will refuse it.' };
  }
  return null;
}

const day = 86_400_000;
const longest = 365;

/** `date`: "2027-01-31", as a date input gives it. */
export function expiryShape(date: string, now: Date): Shape | null {
  if (date === '') return { tone: 'warning', text: 'Without it a year from today is assumed, and marked as assumed.' };
  const left = (Date.parse(`${date}T23:59:59Z`) - now.getTime()) / day;
  if (Number.isNaN(left)) return { tone: 'error', text: 'This is no date.' };
  if (left < 0) return { tone: 'error', text: 'This day has passed.' };
  if (left > longest + 1) return { tone: 'error', text: 'Atlassian lets tokens live 365 days at most.' };
  return null;
}

/** The end of that day, as the API takes it. */
export const expiryOf = (date: string) => (date === '' ? null : `${date}T00:00:00Z`);
