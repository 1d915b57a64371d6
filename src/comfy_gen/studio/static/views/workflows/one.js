/** One workflow: what it is, its graph, its inputs, a try of it, and what engines lack for it. */

import { addressOf, get, post, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { engines, isAnyUp, watchEngines } from '../../core/engines.js';
import { go, linkTo, place } from '../../core/router.js';
import { may } from '../../core/session.js';
import { computed, signal } from '../../core/signals.js';
import { ago, amount, now } from '../../core/words.js';
import { linkButton } from '../../parts/buttons.js';
import { confirm } from '../../parts/dialogs.js';
import { head } from '../../parts/head.js';
import { menu } from '../../parts/menus.js';
import { loaded } from '../../parts/states.js';
import { tabs } from '../../parts/tabs.js';
import { say } from '../../parts/toasts.js';
import { addWorkflow } from './adding.js';
import { readGraph } from './graph.js';
import { lacks } from './lacks.js';
import { naming } from './naming.js';
import { nodeTable } from './node_table.js';
import { plan } from './plan.js';
import { titleOf } from './searching.js';
import { trying } from './trying.js';

/** @typedef {Wire<'WorkflowDetail'>} Detail */
/** @typedef {Wire<'Validation'>} Validation */
/** @typedef {import('../../core/signals.js').Signal<Detail>} DetailSignal */

/**
 * @param {string} name Of one that is there.
 * @param {import('./listing.js').All} all
 */
export function one(name, all) {
    const path = `/workflows/${encodeURIComponent(name)}`;
    const found = loaded(async (until) => {
        const [detail, graph] = await Promise.all([get(path, {}, until), get(`${path}/graph`, {}, until)]);
        return { detail: /** @type {Detail} */ (detail), graph: /** @type {Record<string, any>} */ (graph) };
    });
    const known = () => all.data.value?.find((each) => each.name === name);
    const title = () => titleOf(found.data.value?.detail ?? known() ?? { name, title: name });
    return h(
        'div',
        { class: 'view workflow' },
        h('a', { class: 'workflow-back small', href: linkTo('workflows') }, '← All workflows'),
        head(title, () => actions(name, all, found)),
        found.show(({ detail, graph }) => parts(path, signal(detail), graph, all), 'the workflow'),
    );
}

/**
 * @param {string} name
 * @param {import('./listing.js').All} all
 * @param {{ data: { value: { detail: Detail, graph: Record<string, any> } | undefined } }} found
 */
function actions(name, all, found) {
    const detail = found.data.value?.detail;
    return [
        may('generate')
            ? linkButton({
                  label: 'Use in Create',
                  icon: 'create',
                  kind: 'main',
                  href: linkTo('create', { workflow: name }),
              })
            : null,
        linkButton({
            label: 'Download',
            icon: 'download',
            href: addressOf(`/workflows/${encodeURIComponent(name)}/graph`),
            download: `${name}.json`,
        }),
        menu(`More for ${name}`, () => [
            may('generate') && { label: 'Save a copy …', icon: 'copy', do: () => copy(all, found) },
            !!detail?.is_changeable && {
                label: 'Delete …',
                icon: 'trash',
                kind: 'danger',
                do: () => forget(name, all),
            },
        ]),
    ];
}

/**
 * @param {import('./listing.js').All} all
 * @param {{ data: { value: { detail: Detail, graph: Record<string, any> } | undefined } }} found
 */
function copy(all, found) {
    const it = found.data.value;
    if (!it) return undefined;
    const { name, title } = it.detail;
    return addWorkflow(all, {
        workflow: it.graph,
        format: 'api',
        count: Object.keys(it.graph).length,
        from: titleOf(it.detail),
        name: `${name}-copy`,
        title: title && `${title} (copy)`,
    });
}

/**
 * @param {string} name
 * @param {import('./listing.js').All} all
 */
async function forget(name, all) {
    if (
        !(await confirm(`Delete ${name}?`, {
            text: 'Jobs that run it go on, and what it made is kept.',
            yes: 'Delete',
        }))
    )
        return;
    await remove(`/workflows/${encodeURIComponent(name)}`);
    go('workflows', {}, { replace: true });
    all.again();
    say(`${name} is deleted`);
}

/**
 * @param {string} path
 * @param {DetailSignal} detail
 * @param {Record<string, any>} api
 * @param {import('./listing.js').All} all
 */
function parts(path, detail, api, all) {
    const graph = readGraph(api);
    const chosen = signal('');
    const check = checked(api);
    // As a text, which is the same as before where nothing else is missing: then nothing is drawn anew.
    const ids = computed(() => JSON.stringify(check.data.value?.missing_nodes.flatMap((each) => each.node_ids) ?? []));
    const missing = () => /** @type {ReadonlySet<string>} */ (new Set(JSON.parse(ids.value)));
    const current = {
        get value() {
            return place.value.query.get('part') ?? 'graph';
        },
        set value(part) {
            go('workflows', { name: detail.peek().name, part }, { replace: true });
        },
    };
    const copyIt = () => copy(all, { data: { value: { detail: detail.peek(), graph: api } } });
    return h(
        'div',
        { class: 'stack' },
        () => facts(detail.value, graph),
        () => warning(check.data.value, current),
        tabs(
            titleOf(detail.peek()),
            [
                { id: 'graph', title: 'Graph', show: () => plan(graph, chosen, missing) },
                { id: 'nodes', title: 'Nodes', show: () => nodeTable(graph, missing) },
                { id: 'inputs', title: 'Inputs', show: () => naming(path, detail, copyIt) },
                { id: 'try', title: 'Try it', show: () => trying(path, detail) },
                { id: 'needs', title: 'Needs', show: () => lacks(check, detail, graph) },
            ],
            current,
        ),
    );
}

/**
 * What stands against the graph, asked once an engine can say it.
 * @param {Record<string, any>} api
 */
function checked(api) {
    watchEngines();
    const isUp = computed(() => (engines.value ? isAnyUp(engines.value) : null));
    return {
        isUp,
        ...loaded(async (until) =>
            isUp.value
                ? /** @type {Validation} */ (
                      await post('/workflows/validate', { workflow_json: api }, { signal: until })
                  )
                : undefined,
        ),
    };
}

/**
 * @param {Detail} detail
 * @param {import('./graph.js').Graph} graph
 */
function facts(detail, graph) {
    const inputs = Object.keys(detail.input_schema['properties'] ?? {}).length;
    const said = [
        detail.name,
        amount(graph.nodes.length, 'node'),
        amount(inputs, 'input'),
        detail.output === 'video' ? 'makes videos' : 'makes pictures',
        detail.updated ? `saved ${ago(detail.updated, now())}` : '',
        detail.owner ? `by ${detail.owner}` : '',
    ];
    return [
        detail.summary ? h('p', null, detail.summary) : null,
        h(
            'div',
            { class: 'row small dim' },
            h('span', { class: ['pill', detail.source === 'saved' && 'good'] }, detail.source),
            h('span', { class: 'grow' }, said.filter(Boolean).join(' · ')),
        ),
    ];
}

/**
 * @param {Validation | undefined} found
 * @param {{ value: string }} current
 */
function warning(found, current) {
    const [nodes, models] = [found?.missing_nodes.length ?? 0, found?.missing_models.length ?? 0];
    if (!nodes && !models) return null;
    const what = [nodes && amount(nodes, 'node class', 'node classes'), models && amount(models, 'model')]
        .filter(Boolean)
        .join(' and ');
    return h(
        'div',
        { class: 'workflow-warning row', role: 'status' },
        h('p', { class: 'grow' }, `It would not run as it is: ${what} missing.`),
        h(
            'button',
            {
                type: 'button',
                class: 'button',
                onclick: () => {
                    current.value = 'needs';
                },
            },
            'See what is missing',
        ),
    );
}
