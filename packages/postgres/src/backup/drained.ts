/** Resolves when the stream takes more, rejects when it was closed instead; leaves no listener behind. */
export function drained(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => (): void => {
      stream.off("drain", onDrain);
      stream.off("close", onClose);
      work();
    };
    const onDrain = settle(resolve);
    const onClose = settle(() => reject(new Error("the stream was closed")));
    stream.on("drain", onDrain);
    stream.on("close", onClose);
  });
}
