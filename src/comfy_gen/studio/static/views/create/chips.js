/** What was understood, below the prompt: a chip for each category, and in words what stands against the text. */

import { each, h } from '../../core/dom.js';
import { session } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { icon } from '../../parts/icons.js';
import {
    chipsOf,
    conflictSentence,
    corrected,
    inserted,
    KINDS,
    tiersUpTo,
    unusedTags,
    violationSentence,
    withoutTag,
} from './reading.js';

/** @typedef {import('./kit.js').Kit} Kit */
/** @typedef {import('./reading.js').Chip} Chip */

/**
 * @param {Kit} kit
 * @param {() => void} refocus Called where the chip that had the focus is gone.
 */
export function chips(kit, refocus) {
    const { draft, choices, understanding } = kit;
    const list = computed(() => {
        const { preview, text } = understanding.understood.value;
        return chipsOf(preview, text, draft.without.value, choices.category);
    });
    const used = computed(() => list.value.filter((one) => isUsed(one)).map((one) => one.name));
    const change = (/** @type {() => void} */ work) => {
        understanding.typed(performance.now());
        work();
        refocus();
    };
    return h(
        'div',
        { class: 'create-understood stack tight' },
        h(
            'ul',
            { class: 'create-chips row', 'aria-label': 'Categories of the prompt', hidden: () => !list.value.length },
            each(
                () => list.value,
                (one) => `${one.id} ${one.source} ${one.said}`,
                (one) => h('li', null, chip(kit, one, change)),
            ),
        ),
        h('p', { class: 'unseen', role: 'status' }, () =>
            used.value.length ? `Categories used: ${used.value.join(', ')}` : '',
        ),
        () => (list.value.length ? null : hint(kit)),
        notices(kit, change),
    );
}

/** @param {Chip} one */
const isUsed = (one) => one.source !== 'possible' && one.source !== 'without';

/** @param {Kit} kit */
function hint({ understanding }) {
    const { text, preview } = understanding.understood.value;
    const said = text.trim()
        ? preview && 'No category was recognised: the prompt is used as it is.'
        : 'Categories that are recognised in the text appear here. They choose models, LoRAs and settings that suit.';
    return said ? h('p', { class: 'dim small' }, said) : null;
}

/**
 * @param {Kit} kit
 * @param {Chip} one
 * @param {(work: () => void) => void} change
 */
function chip({ draft }, one, change) {
    const { id, kind, name, source } = one;
    const kept = () => draft.without.peek().filter((other) => other !== id);
    if (source === 'possible' || source === 'without') {
        const isBack = source === 'without';
        const work = () => {
            draft.without.value = kept();
            if (!isBack) append(draft, `@${id}`);
        };
        const label = isBack ? `Use ${name} again` : `Use ${name}, too`;
        return h(
            'button',
            {
                type: 'button',
                class: ['chip', kind, `create-${source}`],
                'aria-label': label,
                title: label,
                onclick: () => change(work),
            },
            icon(isBack ? 'undo' : 'add'),
            ...words(one),
        );
    }
    const remove = () => {
        if (source === 'tag') draft.text.value = withoutTag(draft.text.peek(), tagOf(one));
        else draft.without.value = [...kept(), id];
    };
    return h(
        'span',
        { class: ['chip', kind], title: reasonOf(one) },
        ...words(one),
        h(
            'button',
            {
                type: 'button',
                class: 'create-remove',
                'aria-label': `Remove ${name}`,
                title: `Remove ${name}`,
                onclick: () => change(remove),
            },
            icon('cancel'),
        ),
    );
}

/** @param {Chip} one */
const words = ({ kind, name, source }) => [
    h('span', { class: 'create-kind' }, KINDS[kind]),
    h('span', { class: 'create-name' }, source === 'tag' ? `@${name}` : name),
];

/** @param {Chip} one */
function reasonOf({ source, said, confidence }) {
    if (source === 'tag') return 'Named in the prompt';
    if (source === 'required') return 'Another category needs it';
    return `Recognised by “${said}”, ${Math.round(confidence * 100)} % sure`;
}

/** @param {Chip} one */
const tagOf = ({ id, said }) => /@([\w-]*\w)/.exec(said)?.[1] ?? id;

/**
 * @param {Kit['draft']} draft
 * @param {string} what
 */
function append(draft, what) {
    const text = draft.text.peek();
    draft.text.value = inserted(text, what, text.length).text;
}

/**
 * @param {Kit} kit
 * @param {(work: () => void) => void} change
 */
function notices(kit, change) {
    return h('div', { class: 'create-notices stack tight', 'aria-live': 'polite' }, () => {
        const { preview, error } = kit.understanding.understood.value;
        if (error) return notice('warn', `The text could not be read: ${/** @type {Error} */ (error).message}.`);
        if (!preview) return null;
        return [
            Object.entries(preview.unknown_tags).map(([wrong, nearest]) => misspelt(kit, wrong, nearest, change)),
            preview.policy_violations.map((one) => violation(kit, one)),
            preview.conflicts.map((one) => notice('warn', conflictSentence(one, kit.choices.nameOf))),
            unusedTags(preview).map((id) =>
                notice('warn', `${kit.choices.nameOf(id)} is not used: a picture takes ten categories at most.`),
            ),
            preview.negated.length ? notice('dim', `Not to be shown: ${preview.negated.join(', ')}.`) : null,
        ];
    });
}

/**
 * @param {'warn' | 'dim' | 'bad'} tone
 * @param {...import('../../core/dom.js').Child} children
 */
function notice(tone, ...children) {
    return h(
        'div',
        { class: ['create-notice row', tone] },
        tone === 'dim' ? null : icon('warning'),
        h('span', null, ...children),
    );
}

/**
 * @param {Kit} kit
 * @param {string} wrong
 * @param {readonly string[]} nearest
 * @param {(work: () => void) => void} change
 */
function misspelt({ draft, choices }, wrong, nearest, change) {
    const put = (/** @type {string} */ right) => () =>
        change(() => {
            draft.text.value = corrected(draft.text.peek(), wrong, right);
        });
    return notice(
        'bad',
        `There is no category @${wrong}. `,
        nearest.length ? 'Did you mean ' : null,
        nearest.map((id) => [
            h(
                'button',
                {
                    type: 'button',
                    class: ['chip', choices.category(id)?.type],
                    'aria-label': `Write @${id} instead of @${wrong}`,
                    onclick: put(id),
                },
                `@${id}`,
            ),
            ' ',
        ]),
    );
}

/**
 * @param {Kit} kit
 * @param {Wire<'Violation'>} one
 */
function violation({ draft }, one) {
    const mayAsk = tiersUpTo(session.value?.tier ?? 'general').includes(one.needs);
    const raise = () => {
        draft.tier.value = one.needs;
    };
    return notice(
        'bad',
        `${violationSentence(one)} `,
        mayAsk
            ? h('button', { type: 'button', class: 'chip', onclick: raise }, `Use the tier ${one.needs}`)
            : 'Your key does not allow it: write it otherwise, or ask the administrator.',
    );
}
