import { Component, type ReactNode } from 'react';
import { nextStep } from '../core/errors.ts';
import { Button } from '../ui/button.tsx';
import { Message } from '../ui/message.tsx';

interface Props {
  readonly children: ReactNode;
}

/** A page that cannot be drawn takes no other with it. Scripts that do not come: see ui/later.tsx. */
export class Boundary extends Component<Props, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Message kind="failure" title="This page could not be drawn.">
        <p>{nextStep('internal')}</p>
        <Button look="small" onClick={() => location.reload()}>
          Open again
        </Button>
      </Message>
    );
  }
}
