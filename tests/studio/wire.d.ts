/** What the service says, by the names of its own document: `Wire<'LiveJob'>`. */
type Schemas = import('./generated/openapi.js').components['schemas'];
declare type Wire<Name extends keyof Schemas> = Schemas[Name];
