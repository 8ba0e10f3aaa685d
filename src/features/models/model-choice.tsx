import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { useModel, type DeviceChoice } from './model-store.ts';
import styles from './model-status.module.css';

/** Which model, and where it runs. */
export function ModelChoice() {
  const { offer, device, choose, chooseDevice } = useModel();
  const folder = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.choice}>
      {offer?.source.local ? (
        <Button look="small" onClick={() => void choose(null)}>
          Embedded model
        </Button>
      ) : (
        <Button look="small" onClick={() => folder.current?.click()}>
          Own model…
        </Button>
      )}
      <FileInput
        ref={folder}
        isFolder
        aria-label="Model folder"
        onPick={(files) => void choose(files)}
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
