/** What the parts of Create share: the draft, what there is to choose from, and what stands against the draft. */

import { computed, effect, signal } from '../../core/signals.js';
import { catalogue } from './catalogue.js';
import { wrongIn } from './checks.js';
import { change, draft, written } from './draft.js';
import { takes } from './order.js';
import { placed } from './refusals.js';
import { boundsOf, sizeOf } from './size.js';
import { understanding } from './understanding.js';

/** @typedef {ReturnType<typeof kit>} Kit */
/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {{ fields: Record<string, string>, others: string[], of: Draft | null }} Refusal */

/** @type {Refusal} */
const NONE = { fields: {}, others: [], of: null };

/** Called once for each time that the view is shown. */
export function kit() {
    const choices = catalogue(draft, written);
    const refusal = signal(NONE);
    const wrong = computed(() => wrongIn(written(), choices.schema.value));
    effect(() => fit(choices));
    return {
        ...{ draft, written, choices },
        /**
         * Choose a workflow: a size by proportions becomes that workflow's, and what it does not have is forgotten.
         * @param {string} name
         */
        choose: (name) => {
            if (name !== draft.workflow.peek()) change({ workflow: name, model: '', preset: '', inputs: {} });
        },
        understanding: understanding(draft),
        refusal,
        /**
         * What is wrong with a part of the draft: by what its workflow says, or as the service has said of it as it is.
         * @param {keyof Draft} name
         */
        errorOf: (name) => {
            const isAsItWas = refusal.value.of?.[name] === draft[name].value;
            return wrong.value[name] ?? (isAsItWas ? (refusal.value.fields[name] ?? '') : '');
        },
        /**
         * Show what the service has against the draft.
         * @param {import('../../core/api.js').Problem} problem
         */
        refuse: (problem) => {
            refusal.value = { ...placed(problem), of: written() };
        },
        /** @param {string[]} others */
        object: (others) => {
            refusal.value = { fields: {}, others, of: written() };
        },
        accept: () => {
            refusal.value = NONE;
        },
    };
}

/**
 * Keep the proportions of a size when another workflow is chosen, at as many pixels as that is made for.
 * @param {import('./catalogue.js').Catalogue} choices
 */
function fit(choices) {
    const [schema, name] = [choices.schema.value, choices.name.value];
    const aspect = draft.aspect.peek();
    const isOpen = !name && !draft.workflow.peek() && choices.models.data.value !== undefined;
    const isKnown = schema ? takes(schema, 'width') : isOpen;
    if (aspect.includes(':') && isKnown) change(sizeOf(aspect, boundsOf(schema, choices.candidates())));
}
