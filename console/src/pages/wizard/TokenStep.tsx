import { Content, List, ListItem, Radio } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';

import { useNow } from '../../common/clock';
import { Copyable } from '../../common/Copyable';
import { type Profile, scopesOf } from './scopes';
import type { StepProperties } from './StepProperties';

const profiles: { value: Profile; name: string; text: string }[] = [
  {
    value: 'read',
    name: 'Read-only (recommended)',
    text: 'Members, groups, repositories, pull requests with approvals, pipelines and deployments, effective access.',
  },
  {
    value: 'control',
    name: 'Read-only and control evidence',
    text: 'Also branch restrictions, deploy keys and default reviewers. Bitbucket has no read scope for these, only administrators’ scopes; the daemon still sends nothing but GET.',
  },
];

const year = 365 * 86_400_000;

/** How the token is created at Atlassian, in the words of their pages. */
export function TokenStep({ draft, onChange }: StepProperties) {
  const scopes = scopesOf(draft.profile);
  const latest = new Date(useNow().getTime() + year).toISOString().slice(0, 10);
  return (
    <>
      <Content component="h2">Create the token</Content>
      <List component="ol">
        <ListItem>
          Sign in to Atlassian as the account. Choose the picture of the profile, then <strong>Account settings</strong>,{' '}
          <strong>Security</strong>, <strong>Create and manage API tokens</strong>.
        </ListItem>
        <ListItem>
          Choose <strong>Create API token with scopes</strong>. The other kind, without scopes, is refused by Bitbucket.
        </ListItem>
        <ListItem>
          Label: <Copyable text="evidenced" name="the label" />. Expires: at most 365 days ahead, {latest} at the latest.
          Note the day: nobody tells it later.
        </ListItem>
        <ListItem>
          Application: <strong>Bitbucket</strong>.
        </ListItem>
        <ListItem>
          Choose the scopes below. The list of Atlassian shows ten a page: copy a name and search for it.
        </ListItem>
      </List>
      <fieldset className="ev-part">
        <legend className="pf-v6-screen-reader">Profile</legend>
        {profiles.map((profile) => (
          <Radio
            key={profile.value}
            id={`profile-${profile.value}`}
            name="profile"
            label={profile.name}
            description={profile.text}
            isChecked={draft.profile === profile.value}
            onChange={() => onChange({ profile: profile.value })}
          />
        ))}
      </fieldset>
      <p className="ev-part">
        All {scopes.length}:{' '}
        <Copyable text={scopes.map((scope) => scope.name).join(' ')} name="all scopes" />
      </p>
      <Table variant="compact" aria-label="Scopes of the token">
        <Thead>
          <Tr>
            <Th>Scope</Th>
            <Th>What it unlocks</Th>
          </Tr>
        </Thead>
        <Tbody>
          {scopes.map((scope) => (
            <Tr key={scope.name}>
              <Td dataLabel="Scope">
                <Copyable text={scope.name} />
              </Td>
              <Td dataLabel="What it unlocks">
                {scope.unlocks}
                {scope.profile === 'must' && <strong> Needed.</strong>}
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </>
  );
}
