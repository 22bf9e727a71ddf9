import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import type { ReactNode } from 'react';

import { Copyable } from '../../common/Copyable';

interface ShownProperties {
  title: string;
  /** What is shown this once; null: it was shown before. */
  secret: string | null | undefined;
  /** What it is called: "the key". */
  what: string;
  children?: ReactNode;
  onGone: () => void;
}

/** Something that is shown once, to be copied now. Leaving is a button, not a slip beside the window. */
export function Shown({ title, secret, what, children, onGone }: ShownProperties) {
  return (
    <Modal
      variant="medium"
      isOpen
      aria-labelledby="shown-title"
      // Escape and a click beside it would lose it.
      onEscapePress={() => undefined}
    >
      <ModalHeader title={title} labelId="shown-title" />
      <ModalBody>
        {secret ? (
          <>
            <Alert isInline variant="warning" title={`Copy ${what} now: it is shown this once and kept nowhere.`} />
            <p className="ev-secret">
              <Copyable text={secret} name={what} />
            </p>
          </>
        ) : (
          <Alert isInline variant="danger" title={`This was made before, and ${what} is shown only once.`}>
            Revoke it and make another one.
          </Alert>
        )}
        {children}
      </ModalBody>
      <ModalFooter>
        <Button onClick={onGone}>I have it</Button>
      </ModalFooter>
    </Modal>
  );
}
