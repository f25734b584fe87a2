// Tells when the next exchange is committed: the live tail, for as little as that.

// Calls once. Returns the function that ends the waiting.
export function whenNextArrives(callback: () => void): () => void {
  const source = new EventSource('/api/v1/tail?fields=id');
  source.addEventListener('exchange', () => {
    source.close();
    callback();
  });
  return () => source.close();
}
