export function App() {
  return (
    <main>
      <h1>ergo-web</h1>
      <p>Ask a question about a large picture. The model looks twice, in this browser.</p>
    </main>
  );
}
