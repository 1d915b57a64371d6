// Does what n8n would with a workflow of the examples: enough of it to notice when one of them no longer fits the
// service. n8n itself ran them when they were written (docs/integrations.md); it takes minutes to install.
//
//     node n8n.mjs WORKFLOW.json FROM=TO…        (replaces texts in it first; N8N_KEY is the credential)

import {readFileSync} from 'node:fs';

let text = readFileSync(process.argv[2], 'utf8');
for (const change of process.argv.slice(3)) {
    const at = change.indexOf('=');
    text = text.replaceAll(change.slice(0, at), change.slice(at + 1));
}
const {nodes, connections} = JSON.parse(text);
const byName = Object.fromEntries(nodes.map((node) => [node.name, node]));
const given = {};
const counts = {};

const kinds = {
    manualTrigger: () => ({}),
    set: ({assignments}, json) =>
        Object.fromEntries(assignments.assignments.map(({name, value}) => [name, evaluated(value, json)])),
    wait: async (_, json) => {
        await new Promise((go) => setTimeout(go, 50));
        return json;
    },
    httpRequest: request,
    switch: ({rules}, json) => {
        const found = rules.values.findIndex((rule) => holds(rule.conditions, json));
        return [json, found < 0 ? rules.values.length : found];
    },
    if: ({conditions}, json) => [json, holds(conditions, json) ? 0 : 1],
    stopAndError: ({errorMessage}, json) => {
        throw new Error(evaluated(errorMessage, json));
    },
};

let node = nodes[0];
let json = {};
while (node) {
    counts[node.name] = (counts[node.name] ?? 0) + 1;
    const [, kind] = node.type.split('.');
    const made = await kinds[kind](node.parameters, json, node);
    const [next, output] = Array.isArray(made) ? made : [made, 0];
    given[node.name] = json = next;
    node = byName[connections[node.name]?.main[output]?.[0]?.node];
}
console.log(JSON.stringify({counts, json}));

async function request(parameters, json, {credentials}) {
    const url = new URL(evaluated(parameters.url, json));
    for (const {name, value} of parameters.queryParameters?.parameters ?? []) url.searchParams.set(name, evaluated(value, json));
    const headers = Object.fromEntries((parameters.headerParameters?.parameters ?? []).map(({name, value}) => [name, evaluated(value, json)]));
    if (credentials) headers['X-API-Key'] = process.env.N8N_KEY;
    const body = parameters.sendBody ? evaluated(parameters.jsonBody, json) : undefined;
    const answer = await fetch(url, {method: parameters.method, headers: {'Content-Type': 'application/json', ...headers}, body});
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    if (parameters.options.response?.response.responseFormat !== 'file') return answer.json();
    return {type: answer.headers.get('Content-Type'), size: (await answer.arrayBuffer()).byteLength};
}

function holds({conditions}, json) {
    const compare = {equals: (left, right) => left === right, gt: (left, right) => left > right};
    return conditions.every(({leftValue, operator, rightValue}) => compare[operator.operation](evaluated(leftValue, json), rightValue));
}

function evaluated(value, json) {
    if (typeof value !== 'string' || !value.startsWith('=')) return value;
    const parts = value.slice(1).split(/\{\{(.*?)\}\}/s);
    const values = parts.map((part, number) => number % 2 ? computed(part, json) : part);
    return parts.length === 3 && !parts[0] && !parts[2] ? values[1] : values.join('');
}

function computed(expression, json) {
    const $ = (name) => ({first: () => ({json: given[name]})});
    return new Function('$json', '$', '$execution', `return (${expression});`)(json, $, {id: process.pid, resumeUrl: ''});
}
