import type { AccessPage, AccessRepository, AccessRow } from '../../api/reports';
import type { Word } from '../../common/status';

/** What stands in a cell: no access is "-", and "?" is never the same as none. */
export type Letter = 'A' | 'W' | 'R' | '?' | '-';

interface LetterWord extends Pick<Word, 'text' | 'meaning'> {
  /** What the cell shows. */
  sign: string;
}

export const letterWords: Record<Letter, LetterWord> = {
  A: { text: 'Admin', sign: 'A', meaning: 'May change settings and access, and all of the below.' },
  W: { text: 'Write', sign: 'W', meaning: 'May push and merge, and read.' },
  R: { text: 'Read', sign: 'R', meaning: 'May read and clone.' },
  '?': { text: 'Not known', sign: '?', meaning: 'The access of the repository could not be read to its end.' },
  '-': { text: 'None', sign: '·', meaning: 'Has no access.' },
};

const isLetter = (text: string): text is Letter => text in letterWords;

/** The letter of a person at a repository. What is no letter of ours is not known. */
export function letterAt(row: Pick<AccessRow, 'permissions'>, at: number): Letter {
  const text = row.permissions.charAt(at);
  return isLetter(text) ? text : '?';
}

export interface Matrix {
  repositories: AccessRepository[];
  people: AccessRow[];
}

type Part = Pick<AccessPage, 'repositories' | 'items'>;

const same = (one: AccessRepository[], other: AccessRepository[]) =>
  one.length === other.length && one.every((each, at) => each.repository === other[at]?.repository);

/** The pages as one matrix. A sync between two pages may have changed the columns: letters stay with their repository. */
export function matrixOf(pages: Part[]): Matrix {
  const repositories = pages[0]?.repositories ?? [];
  const people = pages.flatMap((page) => {
    if (same(page.repositories, repositories)) return page.items;
    const places = new Map(page.repositories.map((each, at) => [each.repository, at]));
    return page.items.map((row) => ({
      ...row,
      permissions: repositories.map((each) => row.permissions.charAt(places.get(each.repository) ?? -1) || '?').join(''),
    }));
  });
  return { repositories, people };
}

export interface Grant {
  person: AccessRow;
  repository: AccessRepository;
  letter: Letter;
}

/** The matrix as a list: each permission that somebody has, person by person; `limit` of them. */
export function grantsOf({ people, repositories }: Matrix, limit: number): Grant[] {
  const grants: Grant[] = [];
  for (const person of people) {
    for (const [at, repository] of repositories.entries()) {
      const letter = letterAt(person, at);
      if (letter === '-' || letter === '?') continue;
      grants.push({ person, repository, letter });
      if (grants.length === limit) return grants;
    }
  }
  return grants;
}

/** How many permissions the people have. */
export const grantCount = (people: AccessRow[]) =>
  people.reduce((sum, person) => sum + person.admin + person.write + person.read, 0);

/** The repositories of which nobody knows who has access. */
export const unknownOf = ({ people, repositories }: Matrix) =>
  repositories.filter((_each, at) => people.length > 0 && people.every((person) => letterAt(person, at) === '?'));

export const personName = (person: Pick<AccessRow, 'id' | 'name' | 'nickname'>) =>
  person.name ?? person.nickname ?? (person.id === 'unknown' ? 'Accounts that are not named any more' : person.id);
