import { Button } from '../../ui/button.tsx';
import { useModel, type DeviceChoice } from './model-store.ts';
import styles from './model-status.module.css';
import { usePanel } from './panel-store.ts';
import { fractionOf } from './transfer.ts';
import { useTransfers } from './transfers.ts';

/** Which model, and where it runs. */
export function ModelChoice() {
  const { device, chooseDevice } = useModel();
  const open = usePanel((state) => state.open);
  return (
    <div className={styles.choice}>
      <Coming />
      <Button look="small" aria-haspopup="dialog" onClick={open}>
        Models
      </Button>
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

/** The downloads that go on behind the page, in a few words. */
function Coming() {
  const transfers = useTransfers((state) => state.transfers);
  const running = Object.values(transfers).filter(({ status }) => status === 'running');
  return running.map((transfer) => {
    const percent = Math.floor(100 * (fractionOf(transfer) ?? 0));
    return <span key={transfer.name}>{`${transfer.name}: ${percent} %`}</span>;
  });
}
