/** The engine's model classes as they are, wider than their published types. */
// biome-ignore lint/suspicious/noExplicitAny: the engine's instances carry more than their types tell
export type Instance = any;

/** One model class of the engine: what finds it, ends it, names it and saves it. */
export type Model = {
  find(value: string, options?: unknown): Promise<Instance>;
  instantiate(payload: unknown): Instance;
  revokeByGrantId?(grantId: string): Promise<void>;
  IN_PAYLOAD: readonly string[];
  prototype: { generateTokenId(this: Instance): string; save(this: Instance): Promise<string> };
};

/** A model class of the engine under its wider type. */
export function modelOf(model: unknown): Model {
  return model as Model;
}
