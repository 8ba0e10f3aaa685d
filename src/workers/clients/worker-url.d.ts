/** Vite's address of a worker's script; `vite/client` says so too, where the page's types are. */
declare module '*.worker.ts?worker&url' {
  const url: string;
  export default url;
}
