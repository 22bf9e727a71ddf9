import { expect, it } from 'vitest';

import { bitbucketUrl, pageOf, upstreamUrlOf } from './upstream';

it('follows links to Bitbucket only', () => {
  expect(bitbucketUrl('https://bitbucket.org/acme/web')).toBe('https://bitbucket.org/acme/web');
  expect(bitbucketUrl('https://bitbucket.org.example.com/')).toBeNull();
  expect(bitbucketUrl('http://bitbucket.org/acme')).toBeNull();
  expect(bitbucketUrl('javascript:alert(1)')).toBeNull();
  expect(bitbucketUrl(7)).toBeNull();
});
it('finds the page of an object, whatever its content is', () => {
  expect(upstreamUrlOf({ links: { html: { href: 'https://bitbucket.org/a/b' } } })).toBe('https://bitbucket.org/a/b');
  expect(upstreamUrlOf({ links: [] })).toBeNull();
  expect(upstreamUrlOf(null)).toBeNull();
});
it('shows lists and artifacts of the API as pages', () => {
  expect(pageOf('/v1/artifacts?kind=commit&q=a%20b')).toBe('/artifacts?kind=commit&q=a%20b');
  expect(pageOf('/v1/artifacts/art_1')).toBe('/artifacts/art_1');
  expect(pageOf('/v1/sources/src_1')).toBeNull();
  expect(pageOf('/v1/artifactsX')).toBeNull();
});
