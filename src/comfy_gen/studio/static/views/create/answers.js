/** What the service's answers mean for a draft. Pure, but for what it reads of the kit. */

import { wrongIn } from './checks.js';
import { violationSentence } from './reading.js';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Tell whether there are categories to compose with.
 * @param {Wire<'Preview'> | null} preview
 */
export const isComposed = (preview) => (preview?.categories.length ?? 0) > 0;

/**
 * Return what would be refused anyway, in sentences.
 * @param {Kit} kit
 */
export function standsAgainst(kit) {
    const { preview } = kit.understanding.understood.value;
    const wrong = Object.keys(wrongIn(kit.written(), kit.choices.schema.value));
    return [
        ...Object.keys(preview?.unknown_tags ?? {}).map(
            (tag) => `There is no category @${tag}: correct it, or take it out.`,
        ),
        ...(preview?.policy_violations ?? []).map(violationSentence),
        ...(wrong.length ? [`Put right first: ${wrong.join(', ')}.`] : []),
    ];
}
