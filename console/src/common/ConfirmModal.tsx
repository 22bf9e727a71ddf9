import { Button, FormGroup, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { type ReactNode, useState } from 'react';

import { ProblemCard } from './ProblemCard';

interface ConfirmModalProperties {
  title: string;
  /** What has to be typed: the name of what is lost. */
  word: string;
  /** What the button says. */
  action: string;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onGone: () => void;
  /** What will happen. */
  children: ReactNode;
}

/** Asks before something that cannot be undone: its name has to be typed. */
export function ConfirmModal(properties: ConfirmModalProperties) {
  const { title, word, action, isPending, error, onConfirm, onGone, children } = properties;
  const [typed, setTyped] = useState('');
  return (
    <Modal isOpen variant="small" onClose={onGone} aria-labelledby="confirm-title" aria-describedby="confirm-body">
      <ModalHeader title={title} titleIconVariant="warning" labelId="confirm-title" />
      <ModalBody id="confirm-body">
        {error !== null && error !== undefined && <ProblemCard error={error} />}
        <p>{children}</p>
        <FormGroup
          className="ev-part"
          fieldId="confirm-word"
          label={
            <>
              Type <strong>{word}</strong> to go on
            </>
          }
        >
          <TextInput id="confirm-word" value={typed} autoComplete="off" onChange={(_event, value) => setTyped(value)} />
        </FormGroup>
      </ModalBody>
      <ModalFooter>
        <Button variant="danger" isLoading={isPending} isDisabled={isPending || typed !== word} onClick={onConfirm}>
          {action}
        </Button>
        <Button variant="link" onClick={onGone}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
