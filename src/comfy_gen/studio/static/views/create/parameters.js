/** What else a workflow can be told: a field for each of its inputs that Create does not ask for by itself. */

import { each, h } from '../../core/dom.js';
import { computed, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { numberField, selectField, textArea, textField } from '../../parts/fields.js';
import { picturePlace } from './picture_place.js';
import { fieldsOf, limitsOf, problemOf, searched } from './schema.js';

/** @typedef {import('./schema.js').Field} Field */
/** @typedef {{ inputs: { value: Record<string, unknown> } }} Draft What of the draft is read and written here. */

/** With more fields than these there is a search. */
const FEW = 12;
/** Take the whole width: what stands in them is long. */
const WIDE = new Set(['text', 'choice', 'picture']);
/** Texts whose usual value is longer get several lines. */
const LINE = 60;

/**
 * Show them. What is entered is in `draft.inputs`, also while it is not valid: `problemsOf` of schema.js tells.
 * @param {() => any} schema Of the chosen workflow; null where none is chosen.
 * @param {Draft} draft
 * @param {ReadonlySet<string>} [without] Names that are asked for elsewhere: what Create has by itself, if left out.
 */
export function parameters(schema, draft, without) {
    const fields = computed(() => fieldsOf(schema(), without));
    const wanted = signal('');
    const shown = computed(() => (fields.value.length > FEW ? searched(fields.value, wanted.value) : fields.value));
    const groups = computed(() => [...new Set(shown.value.map(({ group }) => group))]);
    return h(
        'div',
        { class: 'create-parameters stack' },
        () => (fields.value.length > FEW ? search(wanted) : null),
        each(
            () => groups.value,
            (group) => group,
            (group) => section(group, groups, shown, draft),
        ),
        () => (shown.value.length ? null : h('p', { class: 'dim' }, nothing(schema(), fields.value.length))),
        () => resetAll(fields.value, draft),
    );
}

/**
 * @param {any} schema
 * @param {number} count Of all fields.
 */
function nothing(schema, count) {
    if (count) return 'Nothing is called that.';
    return schema
        ? 'This workflow has no other parameters.'
        : 'Choose a workflow to see its other parameters: as long as the service chooses, they are as usual.';
}

/** @param {import('../../core/signals.js').Signal<string>} wanted */
const search = (wanted) =>
    textField('Search parameters', wanted, { type: 'search', placeholder: 'Search parameters', isBare: true });

/**
 * @param {string} group
 * @param {{ value: string[] }} groups
 * @param {{ value: Field[] }} shown
 * @param {Draft} draft
 */
function section(group, groups, shown, draft) {
    const mine = () => shown.value.filter((field) => field.group === group);
    return h(
        'div',
        { class: 'stack tight', role: 'group', 'aria-label': group },
        () => (groups.value.length > 1 ? h('h3', { class: 'create-parameters-group dim' }, group) : null),
        h(
            'div',
            { class: 'create-parameters-fields' },
            each(mine, keyOf, (field) => h('div', { class: WIDE.has(field.kind) && 'wide' }, control(field, draft))),
        ),
    );
}

/** A field that is otherwise in another workflow is another field. @param {Field} field */
const keyOf = (field) => JSON.stringify(field);

/**
 * @param {Field} field
 * @param {Draft} draft
 */
function control(field, draft) {
    const bound = boundTo(field, draft);
    const isSaid = () => Object.hasOwn(draft.inputs.value, field.name);
    const options = {
        hint: hintOf(field),
        error: () => (isSaid() ? problemOf(field, draft.inputs.value[field.name]) : ''),
        beside: () => (isSaid() ? reset(field, draft) : null),
    };
    if (field.kind === 'picture') return picturePlace(field.title, bound, options);
    if (field.kind === 'toggle')
        return selectField(field.title, asText(bound, asSwitch), () => switches(field), options);
    if (field.kind === 'choice')
        return selectField(
            field.title,
            asText(bound, (text) => chosen(field, text)),
            () => choices(field),
            options,
        );
    if (field.kind === 'text') return text(field, bound, options);
    return numberField(field.title, asNumber(bound), { ...options, ...limits(field), placeholder: usual(field) });
}

/**
 * @param {Field} field
 * @param {import('../../parts/fields.js').Bound<unknown>} bound
 * @param {import('../../parts/fields.js').FieldOptions} options
 */
function text(field, bound, options) {
    const placeholder = usual(field);
    const said = /** @type {import('../../parts/fields.js').Bound<string>} */ (asText(bound, (entered) => entered));
    const isLong = placeholder.length > LINE || placeholder.includes('\n');
    return (isLong ? textArea : textField)(field.title, said, { ...options, placeholder });
}

/**
 * Have a control read and write what was said of a field; undefined is nothing.
 * @param {Field} field
 * @param {Draft} draft
 */
function boundTo(field, draft) {
    return {
        get value() {
            return draft.inputs.value[field.name];
        },
        set value(next) {
            const { [field.name]: _, ...others } = draft.inputs.value;
            draft.inputs.value = next === undefined ? others : { ...others, [field.name]: next };
        },
    };
}

/**
 * @param {import('../../parts/fields.js').Bound<unknown>} bound
 * @param {(text: string) => unknown} read
 */
const asText = (bound, read) => ({
    get value() {
        return bound.value === undefined ? '' : String(bound.value);
    },
    set value(text) {
        bound.value = text === '' ? undefined : read(text);
    },
});

/** @param {import('../../parts/fields.js').Bound<unknown>} bound */
const asNumber = (bound) => ({
    get value() {
        return typeof bound.value === 'number' ? bound.value : null;
    },
    set value(/** @type {number | null} */ next) {
        bound.value = next ?? undefined;
    },
});

/** @param {string} text */
const asSwitch = (text) => text === 'true';

/** @param {Field} field */
const switches = (field) =>
    /** @type {Array<[string, string]>} */ ([
        ['', field.usual === undefined ? 'As usual' : `As usual: ${field.usual ? 'on' : 'off'}`],
        ['true', 'On'],
        ['false', 'Off'],
    ]);

/** @param {Field} field */
const choices = (field) => [
    /** @type {[string, string]} */ (['', field.usual === undefined ? 'As usual' : `As usual: ${field.usual}`]),
    ...field.choices.map((one) => /** @type {[string, string]} */ ([String(one), String(one)])),
];

/**
 * @param {Field} field
 * @param {string} text
 */
const chosen = (field, text) => field.choices.find((one) => String(one) === text);

/** @param {Field} field */
const usual = ({ usual: value }) => (value === undefined || value === null ? '' : String(value));

/** @param {Field} field */
function limits({ least, most, step, kind }) {
    return {
        ...(least !== null && { min: least }),
        ...(most !== null && { max: most }),
        step: step ?? (kind === 'integer' ? 1 : /** @type {const} */ ('any')),
    };
}

/** @param {Field} field */
function hintOf(field) {
    const allowed = limitsOf(field);
    return [field.description, allowed && `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`]
        .filter(Boolean)
        .join(' ');
}

/**
 * @param {Field} field
 * @param {Draft} draft
 */
function reset({ name, title }, draft) {
    return button({
        label: `Reset ${title}`,
        icon: 'refresh',
        kind: 'quiet',
        isBare: true,
        onclick: (event) => {
            const field = /** @type {HTMLElement} */ (event.currentTarget).closest('.field');
            const { [name]: _, ...others } = draft.inputs.value;
            draft.inputs.value = others;
            // The button is gone with what it was for: who came by keyboard goes on where they are.
            /** @type {HTMLElement | null | undefined} */ (field?.querySelector('.input'))?.focus();
        },
    });
}

/**
 * @param {readonly Field[]} fields
 * @param {Draft} draft
 */
function resetAll(fields, draft) {
    const said = fields.filter(({ name }) => Object.hasOwn(draft.inputs.value, name));
    if (said.length < 2) return null;
    return button({
        label: `Reset all ${said.length}`,
        icon: 'refresh',
        kind: 'quiet',
        onclick: () => {
            const names = new Set(said.map(({ name }) => name));
            const kept = Object.entries(draft.inputs.value).filter(([name]) => !names.has(name));
            draft.inputs.value = Object.fromEntries(kept);
        },
    });
}
