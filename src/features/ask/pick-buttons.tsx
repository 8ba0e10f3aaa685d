import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { takeFiles } from './intake/take.ts';
import styles from './start.module.css';

/** A file from the disk; on devices that are held, the camera too. */
export function PickButtons() {
  const file = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.buttons}>
      <Button look="main" onClick={() => file.current?.click()}>
        Choose a picture
      </Button>
      <Button className={styles.camera ?? ''} onClick={() => camera.current?.click()}>
        Take a photo
      </Button>
      <FileInput ref={file} multiple aria-label="Picture file" onPick={takeFiles} />
      <FileInput
        ref={camera}
        accept="image/*"
        capture="environment"
        aria-label="Photo"
        onPick={takeFiles}
      />
    </div>
  );
}
