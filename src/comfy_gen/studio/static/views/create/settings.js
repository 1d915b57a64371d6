/** The quick settings: what most people want to say of a picture, beside its prompt. */

import { h } from '../../core/dom.js';
import { session } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { capital } from '../../core/words.js';
import { combobox } from '../../parts/combobox.js';
import { numberField, selectField, textArea } from '../../parts/fields.js';
import { boundsFor } from './checks.js';
import { loras } from './loras.js';
import { takes } from './order.js';
import { presets } from './presets.js';
import { tiersUpTo } from './reading.js';
import { seed } from './seed.js';
import { sizes } from './sizes.js';

/** @typedef {import('./kit.js').Kit} Kit */
/** @typedef {'steps' | 'cfg' | 'denoise'} NumberName */
/** @typedef {'sampler' | 'scheduler'} ListName */

/** @param {Kit} kit */
export function settings(kit) {
    const has = (/** @type {string} */ name) => takes(kit.choices.schema.value, name);
    const shown = (/** @type {string} */ name, /** @type {Node} */ node) =>
        h('div', { hidden: () => !has(name) }, node);
    return h(
        'div',
        { class: 'create-settings stack' },
        presets(kit),
        workflow(kit),
        shown('model', model(kit)),
        shown('width', sizes(kit)),
        h(
            'div',
            { class: 'create-pair' },
            shown('steps', number(kit, 'steps', 'Steps')),
            shown('cfg', number(kit, 'cfg', 'Cfg')),
            shown('sampler', list(kit, 'sampler', 'Sampler')),
            shown('scheduler', list(kit, 'scheduler', 'Scheduler')),
        ),
        h(
            'div',
            { hidden: () => !hasDenoise(kit) },
            number(kit, 'denoise', 'Denoise', 'How much of the picture is painted anew.'),
        ),
        shown('seed', seed(kit)),
        shown('prompt', loras(kit)),
        shown('negative_prompt', negative(kit)),
        tier(kit),
    );
}

/** @param {Kit} kit */
const hasDenoise = ({ draft, choices }) =>
    choices.schema.value ? takes(choices.schema.value, 'denoise') : draft.inputImage.value !== null;

/**
 * What a part is where nobody says anything, for the field's placeholder.
 * @param {Kit} kit
 * @param {string} name
 */
export function usual({ draft, choices }, name) {
    const preset = choices.detail.value?.presets[draft.preset.value];
    const said = preset?.[name] ?? choices.schema.value?.properties?.[name]?.default;
    return said === undefined ? '' : String(said);
}

/** @param {Kit} kit */
function workflow(kit) {
    const { draft, choices, errorOf } = kit;
    const bound = {
        get value() {
            return draft.workflow.value;
        },
        set value(name) {
            kit.choose(name);
        },
    };
    const chosen = computed(() => choices.workflows.data.value?.find((one) => one.name === choices.name.value));
    return h(
        'div',
        { class: 'stack tight' },
        combobox(
            'Workflow',
            bound,
            () => [
                { value: '', label: 'Choose for me', detail: 'by the prompt and the engines' },
                ...(choices.workflows.data.value ?? []).map((one) => ({
                    ...{ value: one.name, label: one.title || one.name },
                    detail: one.source === 'saved' ? 'yours' : one.output,
                })),
            ],
            { error: () => errorOf('workflow') },
        ),
        () => (chosen.value ? h('p', { class: 'dim small' }, about(kit, chosen.value)) : null),
    );
}

/**
 * @param {Kit} kit
 * @param {Wire<'WorkflowSummary'>} chosen
 */
function about({ draft }, chosen) {
    if (!draft.workflow.value) return `${chosen.title}, because there is a picture to start from.`;
    return chosen.summary;
}

/** @param {Kit} kit */
function model(kit) {
    const { draft, choices, errorOf } = kit;
    return combobox('Model', draft.model, () => choices.painters().map((file) => ({ value: file, label: file })), {
        placeholder: () => usual(kit, 'model') || 'One that suits',
        error: () => errorOf('model'),
    });
}

/**
 * @param {Kit} kit
 * @param {NumberName} name
 * @param {string} title
 * @param {string} [hint]
 */
function number(kit, name, title, hint = '') {
    const bounds = () => boundsFor(name, kit.choices.schema.value);
    return numberField(title, kit.draft[name], {
        ...{ min: () => bounds().minimum, max: () => bounds().maximum },
        ...{ step: name === 'steps' ? 1 : name === 'cfg' ? 0.5 : 0.05 },
        placeholder: () => usual(kit, name) || 'Usual',
        error: () => kit.errorOf(name),
        hint,
    });
}

/**
 * @param {Kit} kit
 * @param {ListName} name
 * @param {string} title
 */
function list(kit, name, title) {
    const { draft, choices, errorOf } = kit;
    const options = () => {
        const [own, known] = [draft[name].value, choices.choicesOf(name)];
        const ownToo = own && !known.includes(own) ? [own] : [];
        return [...ownToo, ...known].map((one) => /** @type {const} */ ([one, one]));
    };
    const first = () => (usual(kit, name) ? `Usual (${usual(kit, name)})` : 'Usual');
    return selectField(title, draft[name], () => [['', first()], ...options()], { error: () => errorOf(name) });
}

/** @param {Kit} kit */
const negative = (kit) =>
    textArea('Negative prompt', kit.draft.negative, {
        rows: 2,
        placeholder: () => usual(kit, 'negative_prompt') || 'What to keep out of the picture',
        error: () => kit.errorOf('negative'),
    });

/** @param {Kit} kit */
function tier({ draft }) {
    const tiers = () => tiersUpTo(session.value?.tier ?? 'general');
    const bound = {
        get value() {
            return draft.tier.value || 'general';
        },
        set value(chosen) {
            draft.tier.value = chosen === 'general' ? '' : chosen;
        },
    };
    return h('div', { hidden: () => tiers().length < 2 }, [
        selectField('What it may show', bound, () => tiers().map((one) => [one, capital(one)]), {
            hint: 'The tier of content. General is for everybody.',
        }),
    ]);
}
