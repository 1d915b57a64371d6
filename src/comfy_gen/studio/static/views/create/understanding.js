/** Asks what the text means while it is typed: one question at a time, and only the newest answer counts. */

import { isCalledOff, post } from '../../core/api.js';
import { effect, ended, signal } from '../../core/signals.js';
import { roomFor } from './reading.js';

/** @typedef {{ text: string, preview: Wire<'Preview'> | null, error: unknown }} Understood */
/** @typedef {ReturnType<typeof understanding>} Understanding */

/** Milliseconds that are waited for another key. */
const PAUSE = 25;
const LONGEST = 10_000;
/** What the time from a key to its chips is called among the page's measures. */
export const MEASURE = 'create:chips';

/** @param {import('./draft.js').Signals} draft */
export function understanding(draft) {
    const understood = signal(/** @type {Understood} */ ({ text: '', preview: null, error: null }));
    /** @type {{ key: string, done: Promise<void> }} */
    let asking = { key: '', done: Promise.resolve() };
    let typedAt = 0;

    const take = (/** @type {Understood} */ found) => {
        understood.value = found;
        if (typedAt) performance.measure(MEASURE, { start: typedAt, end: performance.now() });
        typedAt = 0;
    };
    effect(() => {
        const [text, without, tier] = [draft.text.value, draft.without.value, draft.tier.value];
        const calling = new AbortController();
        const body = { input: text, max_categories: roomFor(text), without, ...(tier && { policy_tier: tier }) };
        const work = async () => {
            if (!text.trim() || text.length > LONGEST) return take({ text, preview: null, error: null });
            await new Promise((settle) => setTimeout(settle, PAUSE));
            if (calling.signal.aborted) return;
            try {
                const preview = await post('/compose/preview', body, { signal: calling.signal });
                if (!calling.signal.aborted) take({ text, preview, error: null });
            } catch (error) {
                if (!isCalledOff(error) && !calling.signal.aborted) take({ text, preview: null, error });
            }
        };
        asking = { key: text, done: work() };
        return () => calling.abort();
    });
    ended(() => {
        typedAt = 0;
    });
    return {
        understood,
        /** Note when a key was pressed, so that it can be told how long its chips took. */
        typed: (/** @type {number} */ at) => {
            typedAt = at;
        },
        /** What the text means as it is now, once that is known. */
        settled: async () => {
            let last;
            do {
                last = asking;
                await last.done;
            } while (last !== asking);
            return understood.peek();
        },
    };
}
