import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Modal,
  ModalBody,
  ModalHeader,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';

import type { Change } from '../../api/reports';
import { Copyable } from '../../common/Copyable';
import { Time } from '../../common/Time';
import { accountName, checksText, findingWords } from './findings';

const yesNo = (value: boolean | null) => (value === null ? 'not known' : value ? 'yes' : 'no');

function factsOf(change: Change): [string, ReactNode][] {
  return [
    ['Merged', <Time at={change.merged_at} />],
    ['Merged by', <bdi>{accountName(change.merged_by)}</bdi>],
    ['Author', <bdi>{accountName(change.author)}</bdi>],
    ['From branch', <bdi>{change.source_branch ?? 'not known'}</bdi>],
    ['Into branch', <bdi>{change.destination ?? 'not known'}</bdi>],
    ['Merge commit', change.merge_commit === null ? 'not known' : <Copyable text={change.merge_commit} />],
    [
      'Approvals that held',
      change.approvals.length === 0
        ? 'none'
        : change.approvals.map((approval, at) => (
            <div key={`${approval.by?.id ?? ''} ${at}`}>
              <bdi>{accountName(approval.by)}</bdi>, <Time at={approval.at} none="when is not known" />
            </div>
          )),
    ],
    ['Approved by another', yesNo(change.approved_by_other)],
    ['Merged by its author', yesNo(change.self_merged)],
    ['Checks of the last commit', checksText(change.checks) ?? 'not known'],
    ['Open tasks', change.tasks_open ?? 'not known'],
    [
      'Findings',
      change.findings.length === 0
        ? 'none'
        : change.findings.map((finding) => <div key={finding}>{findingWords[finding].meaning}</div>),
    ],
    [
      'Cannot be told',
      change.not_evaluable.length === 0
        ? '–'
        : change.not_evaluable.map((finding) => findingWords[finding].text.toLowerCase()).join(', '),
    ],
  ];
}

/** Everything that the findings of a change come from. */
export function Facts({ change, onGone }: { change: Change; onGone: () => void }) {
  return (
    <Modal variant="medium" isOpen onClose={onGone} aria-labelledby="change-title">
      <ModalHeader
        title={<bdi className="ev-wrap">{`#${change.number} ${change.title}`}</bdi>}
        description={change.repository}
        labelId="change-title"
      />
      <ModalBody tabIndex={0} role="region" aria-label="Facts">
        <DescriptionList isHorizontal isCompact>
          {factsOf(change).map(([term, fact]) => (
            <DescriptionListGroup key={term}>
              <DescriptionListTerm>{term}</DescriptionListTerm>
              <DescriptionListDescription className="ev-wrap">{fact}</DescriptionListDescription>
            </DescriptionListGroup>
          ))}
        </DescriptionList>
      </ModalBody>
    </Modal>
  );
}
