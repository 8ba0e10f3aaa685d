import { useRef, type ChangeEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { Message } from '../../ui/message.tsx';
import { useAsk } from './ask-store.ts';
import { useModel, type DeviceChoice } from './model-store.ts';
import styles from './model-status.module.css';

/** Which model, and where it runs. */
export function ModelChoice() {
  const { offer, device, choose, chooseDevice } = useModel();
  const reopen = useAsk((state) => state.reopen);
  const folder = useRef<HTMLInputElement>(null);
  const take = async (files: readonly File[] | null): Promise<void> => {
    if (await choose(files)) await reopen();
  };
  const onChange = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(target.files ?? [])];
    // The same folder can be picked again.
    target.value = '';
    if (files.length > 0) void take(files);
  };
  return (
    <div className={styles.choice}>
      {offer?.source.files ? (
        <Button look="small" onClick={() => void take(null)}>
          Embedded model
        </Button>
      ) : (
        <Button look="small" onClick={() => folder.current?.click()}>
          Own model…
        </Button>
      )}
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Model folder"
        onChange={onChange}
        // React's types lack it.
        {...{ webkitdirectory: '' }}
      />
      <label className={styles.device}>
        <span>Device</span>
        <select
          value={device}
          onChange={({ target }) => chooseDevice(target.value as DeviceChoice)}
        >
          <option value="auto">automatic</option>
          <option value="webgpu">GPU</option>
          <option value="wasm">processor</option>
        </select>
      </label>
    </div>
  );
}

/** What was wrong with a folder. */
export function FolderProblem() {
  const error = useModel((state) => state.folderError);
  return (
    error && (
      <Message kind="failure" title={error.message}>
        <p>{error.nextStep}</p>
      </Message>
    )
  );
}
