/** What the page tells the service worker: URLs that it loaded before there was one. */
export interface KeepMessage {
  readonly type: 'keep';
  readonly urls: readonly string[];
}
