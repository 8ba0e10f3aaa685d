import { useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { takeFiles, takeFolder } from './intake/take.ts';
import styles from './start.module.css';

const onPick = (files: readonly File[]): void => void takeFiles(files);

/** Files or a folder from the disk; on devices that are held, the camera in place of the folder. */
export function PickButtons() {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.buttons}>
      <Button look="main" onClick={() => file.current?.click()}>
        Choose a picture
      </Button>
      <Button className={styles.camera ?? ''} onClick={() => camera.current?.click()}>
        Take a photo
      </Button>
      <Button className={styles.folder ?? ''} onClick={() => folder.current?.click()}>
        Choose a folder
      </Button>
      <FileInput
        ref={folder}
        isFolder
        aria-label="Folder of pictures"
        onPick={(files) => void takeFolder(files)}
      />
      <FileInput ref={file} multiple aria-label="Picture file" onPick={onPick} />
      <FileInput
        ref={camera}
        accept="image/*"
        capture="environment"
        aria-label="Photo"
        onPick={onPick}
      />
    </div>
  );
}
