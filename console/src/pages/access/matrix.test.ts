import { expect, test } from 'vitest';

import type { AccessRepository, AccessRow } from '../../api/reports';
import { grantCount, grantsOf, letterAt, matrixOf, unknownOf } from './matrix';

const repository = (name: string): AccessRepository => ({ artifact_id: name, repository: name, project: null, name });
const person = (id: string, permissions: string): AccessRow => ({
  id,
  uuid: id,
  account_id: null,
  name: id,
  nickname: null,
  artifact_id: null,
  member: true,
  workspace_permission: null,
  permissions,
  admin: permissions.split('A').length - 1,
  write: permissions.split('W').length - 1,
  read: permissions.split('R').length - 1,
});
const part = (names: string[], ...items: AccessRow[]) => ({ repositories: names.map(repository), items });
const letters = (pages: ReturnType<typeof part>[]) => matrixOf(pages).people.map((row) => row.permissions);

test('pages with the same columns are put together', () => {
  expect(letters([part(['a', 'b'], person('x', 'A-')), part(['a', 'b'], person('y', 'RW'))])).toEqual(['A-', 'RW']);
});

test('letters stay with their repository when the columns changed between two pages', () => {
  const pages = [part(['a', 'b', 'c'], person('x', 'AWR')), part(['c', 'b', 'new'], person('y', 'RWA'))];
  expect(letters(pages)).toEqual(['AWR', '?WR']);
});

test('what is no letter is not known, never none', () => {
  expect([0, 1, 2].map((at) => letterAt({ permissions: '-x' }, at))).toEqual(['-', '?', '?']);
});

test('the list has every permission and ends at its limit', () => {
  const matrix = matrixOf([part(['a', 'b', 'c'], person('x', 'A?-'), person('y', 'RW-'))]);
  const listed = grantsOf(matrix, 10).map((grant) => `${grant.person.id} ${grant.repository.name} ${grant.letter}`);
  expect(listed).toEqual(['x a A', 'y a R', 'y b W']);
  expect(grantsOf(matrix, 2)).toHaveLength(2);
  expect(grantCount(matrix.people)).toBe(3);
});

test('a repository is unknown where it is so for everybody', () => {
  const matrix = matrixOf([part(['a', 'b'], person('x', '?A'), person('y', '?-'))]);
  expect(unknownOf(matrix).map((each) => each.name)).toEqual(['a']);
  expect(unknownOf(matrixOf([part(['a'])]))).toEqual([]);
});
