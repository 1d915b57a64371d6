/** Drives `@saintno/comfyui-sdk`: node saintno.mjs URL [begin | resume ID | keyed KEY]. */

import { CallWrapper, ComfyApi, ComfyPool, EQueueMode, PromptBuilder, WorkflowBuilder } from '@saintno/comfyui-sdk';
import { copied, endless, fresh, impossible, PNG, picture, sampled } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether, until, within } from './told.mjs';

const [address, mode, word] = process.argv.slice(2);
const CHECKPOINT = 'tiny_sd15.ckpt';
const EVENTS = ['execution_start', 'execution_cached', 'executing', 'progress', 'executed', 'execution_success'];
const NOBODY = '00000000-0000-4000-8000-000000000000';

const api = new ComfyApi(address, undefined, { wsTimeout: 60_000 });
const over = new Set();
api.on('execution_success', ({ detail }) => over.add(detail.prompt_id));

const bytesOf = async (blob) => sumOf(await blob.arrayBuffer());
const imageOf = async ({ images: [image] }) => bytesOf(await api.getImage(image));
const running = async () => (await api.getQueue()).queue_running.map((item) => item[1]);
const isRunning = async (id) => (await running()).includes(id);
const isDone = async (id) => (await api.getHistory(id)) !== undefined;

/** A workflow whose inputs and outputs have names. */
function named(graph = sampled()) {
    return new PromptBuilder(graph, ['seed', 'steps', 'checkpoint', 'texts'], ['images'])
        .setInputNode('seed', '3.inputs.seed')
        .setInputNode('steps', '3.inputs.steps')
        .setInputNode('checkpoint', '4.inputs.ckpt_name')
        .setRawInputNode('texts', ['6.inputs.text'])
        .appendRawInputNode('texts', '7.inputs.text')
        .setOutputNode('images', '9')
        .input('checkpoint', CHECKPOINT, api.osType)
        .input('seed', fresh());
}

async function asking() {
    await triedTogether({
        ping: [() => api.ping(), ({ status }) => status],
        pollStatus: () => api.pollStatus(),
        availableFeatures: async () => api.availableFeatures,
        osType: async () => api.osType,
        getQueue: () => api.getQueue(),
        'getHistory of nobody': () => api.getHistory(NOBODY),
        getSystemStats: [() => api.getSystemStats(), ({ system, devices }) => ({ ...system, devices })],
        getTerminalLogs: [() => api.getTerminalLogs(), ({ entries, size }) => [Array.isArray(entries), typeof size]],
        setTerminalSubscription: () => api.setTerminalSubscription(false),
        getExtensions: [() => api.getExtensions(), Array.isArray],
        getEmbeddings: () => api.getEmbeddings(),
        getCheckpoints: [() => api.getCheckpoints(), (all) => all.includes(CHECKPOINT)],
        getLoras: [() => api.getLoras(), (all) => all.length > 0],
        getSamplerInfo: [
            () => api.getSamplerInfo(),
            ({ sampler, scheduler }) => [sampler[0].includes('euler'), scheduler[0].includes('normal')],
        ],
        getNodeDefs: [() => api.getNodeDefs(), (all) => 'KSampler' in all],
        'getNodeDefs of one': [() => api.getNodeDefs('SaveImage'), Object.keys],
        'getNodeDefs of none': () => api.getNodeDefs('NoSuchNode'),
        getFeatures: [() => api.getFeatures(), ({ supports_preview_metadata }) => supports_preview_metadata],
        getModelTypes: [() => api.getModelTypes(), (all) => all.includes('checkpoints')],
        getModels: [() => api.getModels('checkpoints'), (all) => all.includes(CHECKPOINT)],
        getModelFolders: [() => api.getModelFolders(), (all) => all.some(({ name }) => name === 'checkpoints')],
        getModelFiles: [() => api.getModelFiles('checkpoints'), (all) => all.some(({ name }) => name === CHECKPOINT)],
        'getModelFiles of no folder': () => api.getModelFiles('nowhere'),
        getWorkflowTemplates: () => api.getWorkflowTemplates(),
        getViewMetadata: () => api.getViewMetadata('checkpoints', 'nowhere.safetensors'),
        freeMemory: () => api.freeMemory(true, true),
        'manager.getVersion': () => api.ext.manager.getVersion(),
        'monitor.getHddList': () => api.ext.monitor.getHddList(),
    });
}

async function keeping() {
    const status = (answer) => answer.status;
    await tried('getUserConfig', () => api.getUserConfig());
    await tried('createUser', () => api.createUser('somebody'), status);
    await tried('storeSettings', () => api.storeSettings({ 'Dialects.Three': 3 }));
    await tried('storeSetting', () => api.storeSetting('Dialects.Four', 'four'));
    await tried('getSetting', () => api.getSetting('Dialects.Four'));
    await tried(
        'getSettings',
        () => api.getSettings(),
        (all) => [all['Dialects.Three'], all['Dialects.Four']],
    );
    await tried('storeUserData', () => api.storeUserData('sdk/a.json', { a: 1 }), status);
    const kept = { overwrite: false, stringify: true, throwOnError: false };
    await tried('storeUserData over another', () => api.storeUserData('sdk/a.json', {}, kept), status);
    await tried(
        'getUserData',
        () => api.getUserData('sdk/a.json'),
        (answer) => answer.json(),
    );
    await tried('moveUserData', () => api.moveUserData('sdk/a.json', 'sdk/b.json'), status);
    await tried('listUserData', () => api.listUserData('sdk', true));
    await tried(
        'listUserDataV2',
        () => api.listUserDataV2('sdk'),
        (all) => all.map(({ name, type }) => [name, type]),
    );
    await tried('deleteUserData', () => api.deleteUserData('sdk/b.json'));
    await tried('getUserData of no file', () => api.getUserData('sdk/b.json'), status);
}

async function uploading() {
    const sent = await tried(
        'uploadImage',
        () => api.uploadImage(PNG, 'blue.png', { override: true, subfolder: 'sdk' }),
        ({ info }) => info,
    );
    await tried(
        'uploadImage again',
        () => api.uploadImage(PNG, 'blue.png', { subfolder: 'sdk' }),
        ({ info }) => info,
    );
    await tried(
        'getPathImage',
        () => fetch(sent.url),
        async (answer) => bytesOf(await answer.blob()),
    );
    await tried('getImage', () => api.getImage(sent.info), bytesOf);
    const masked = await tried(
        'uploadMask',
        () => api.uploadMask(PNG, sent.info),
        (given) => given?.info ?? given,
    );
    const image = `${sent.info.subfolder}/${sent.info.filename}`;
    const { prompt_id } = await tried(
        'queuePrompt of an upload',
        () => api.queuePrompt(null, copied(image)),
        () => true,
    );
    await until(() => over.has(prompt_id));
    await until(() => isDone(prompt_id));
    await tried(
        'getHistory of an upload',
        () => api.getHistory(prompt_id),
        ({ outputs }) => imageOf(outputs[2]),
    );
    return masked;
}

/** Wait for a wrapper. It waits for ever for a prompt that was done before it listened; news of the queue may wake it. */
async function awake(waiting) {
    const waking = setInterval(() => api.queuePrompt(null, picture()), 3_000);
    return within(25_000, waiting).finally(() => clearInterval(waking));
}

/** Run a workflow, and return all that the wrapper called back with; once more if it missed the end. */
async function wrapped(builder) {
    return wrappedOnce(builder).catch(() => wrappedOnce(builder));
}

async function wrappedOnce(builder) {
    const told = [];
    const wrapper = new CallWrapper(api, builder)
        .onPending(() => told.push(['pending']))
        .onStart(() => told.push(['start']))
        .onPreview((blob) => told.push(['preview', blob.size > 0]))
        .onProgress(({ value, max }) => told.push(['progress', value, max]))
        .onOutput((key) => told.push(['output', key]))
        .onFinished((data) => told.push(['finished', Object.keys(data)]))
        .onFailed((error) =>
            told.push(['failed', error.name, error.cause?.error?.type ?? error.cause?.node_type ?? null]),
        );
    return { result: await awake(wrapper.run()), told };
}

const shown = async ({ told, result }) => ({ told, image: result && (await imageOf(result.images)) });

async function wrapping() {
    await tried('CallWrapper.run', () => wrapped(named().input('steps', 40)), shown);
    const again = named();
    await wrapped(again);
    await tried('CallWrapper.run of what is made already', () => wrapped(again), shown);
    await tried(
        'CallWrapper.run of what cannot be',
        () => wrapped(named().input('checkpoint', 'nowhere.safetensors')),
        shown,
    );
    const made = new Typed();
    await tried('WorkflowBuilder.build', () => wrapped(made.build({ outputs: { images: made.saved() } })), shown);
    const inverted = sampled();
    inverted[10] = { class_type: 'ImageInvert', inputs: { image: ['8', 0] } };
    inverted[9].inputs.images = ['10', 0];
    await tried('PromptBuilder.bypass', () => wrapped(named(inverted).bypass('10')), shown);
    const missing = new PromptBuilder(picture(), [], []).bypass('9');
    await tried('PromptBuilder.bypass of no node', () => wrapped(missing), shown);
}

/** A builder as its `codegen` writes them. */
class Typed extends WorkflowBuilder {
    saved() {
        const ids = {};
        const linked = (value) => (Array.isArray(value) ? this.makeRef(ids[value[0]], value[1]) : value);
        const graph = sampled();
        for (const id of [4, 5, 6, 7, 3, 8, 9]) {
            const { class_type, inputs } = graph[id];
            const given = Object.entries(inputs).map(([name, value]) => [name, linked(value)]);
            ids[id] = this.addNode(class_type, Object.fromEntries(given));
        }
        return ids[9];
    }
}

/** What the socket tells of one prompt, in its order. */
async function listening() {
    const told = [];
    const offs = EVENTS.map((type) => api.on(type, ({ detail }) => told.push([type, detail])));
    const { prompt_id } = await tried('appendPrompt', () => api.appendPrompt(sampled()));
    await until(() => told.some(([type, data]) => type === 'executing' && data.node === null));
    for (const off of offs) off();
    tell('events', true, { result: told.map(([type, data]) => [type, data.node ?? data.value ?? null]) });
    await tried(
        'getHistory',
        () => api.getHistory(prompt_id),
        ({ status, outputs }) => ({ ...status, messages: status.messages.map(([type]) => type), outputs }),
    );
    await tried(
        'getHistories',
        () => api.getHistories(),
        (all) => prompt_id in all,
    );
    await tried(
        'getHistories of one',
        () => api.getHistories(1),
        (all) => Object.keys(all).length,
    );
    await tried('queuePrompt of what cannot be', () => api.queuePrompt(null, impossible()));
}

async function stopping() {
    const wrapping = wrapped(named(endless()));
    await until(async () => (await running()).length === 1);
    const waiting = await Promise.all([1, 2, 3].map(() => api.queuePrompt(null, endless())));
    const first = await tried(
        'queuePrompt in front',
        () => api.queuePrompt(-1, endless()),
        () => true,
    );
    await tried(
        'getQueue with prompts in it',
        () => api.getQueue(),
        ({ queue_running, queue_pending }) => [queue_running, queue_pending].flat().every((item) => item.length === 5),
    );
    await tried('manageQueue deletes', () => api.manageQueue({ delete: [waiting[2].prompt_id] }));
    await tried(
        'getQueue without the deleted',
        () => api.getQueue(),
        ({ queue_pending }) => queue_pending.every((item) => item[1] !== waiting[2].prompt_id),
    );
    await tried('manageQueue clears', () => api.manageQueue({ clear: true }));
    await tried(
        'getQueue that was cleared',
        () => api.getQueue(),
        ({ queue_pending }) => queue_pending,
    );
    await tried('interrupt', () => api.interrupt());
    await tried('CallWrapper.run of the interrupted', () => wrapping, shown);
    await until(async () => (await running()).length === 0 || void (await api.interrupt()));
    await tried('clearHistory deletes', () => api.clearHistory({ delete: [first.prompt_id] }));
}

async function pooling() {
    const pool = new ComfyPool([new ComfyApi(address), new ComfyApi(address)], EQueueMode.PICK_ZERO);
    const heard = new Set();
    for (const type of ['init', 'add_job', 'added', 'ready', 'executing', 'executed', 'have_job', 'idle'])
        pool.on(type, () => heard.add(type));
    const job = async (one) => {
        const done = await new CallWrapper(one, named()).run();
        return imageOf(done.images);
    };
    await tried('ComfyPool.batch', () => pool.batch([job, job, job, job], 10));
    await tried('ComfyPool.run', () => pool.run(job, 5));
    await tried('ComfyPool.pickById', async () => pool.pickById(pool.pick(1).id) === pool.pick(1));
    pool.changeMode(EQueueMode.PICK_LOWEST);
    await tried('ComfyPool.run by another mode', () => pool.run(job));
    pool.removeClient(pool.pick(1));
    tell('ComfyPool events', true, { result: [...heard].sort() });
    pool.destroy();
}

async function reconnecting() {
    const { prompt_id } = await api.appendPrompt(sampled({ steps: 60 }));
    await until(() => isRunning(prompt_id));
    const again = new Promise((resolve) => api.on('reconnected', resolve, { once: true }));
    await api.reconnectWs(true);
    await again;
    const ended = new Promise((resolve) => api.on('execution_success', ({ detail }) => resolve(detail.prompt_id)));
    tell('reconnectWs', true, { result: (await ended) === prompt_id });
}

async function begin() {
    const { prompt_id } = await api.queuePrompt(null, sampled({ steps: 100 }));
    await until(() => isRunning(prompt_id));
    tell('begun', true, { result: prompt_id });
    await until(() => isDone(prompt_id));
}

async function resume(jobId) {
    await tried('getQueue or getHistory after the crash', async () => (await isRunning(jobId)) || isDone(jobId));
    await until(() => isDone(jobId));
    await tried(
        'getHistory after the crash',
        () => api.getHistory(jobId),
        ({ outputs }) => imageOf(outputs[9]),
    );
}

async function keyed() {
    await tried('without a key', () => api.pollStatus());
    const credentials = { type: 'bearer_token', token: word };
    const having = await new ComfyApi(address, undefined, { credentials }).init().waitForReady();
    await tried(
        'with a key',
        () => new CallWrapper(having, named()).run(),
        async ({ images }) => bytesOf(await having.getImage(images.images[0])),
    );
}

if (mode === 'begin') await begin();
else if (mode === 'resume') await resume(word);
else if (mode === 'keyed') await keyed();
else {
    await tried(
        'init',
        () => api.init().waitForReady(),
        (one) => one.isReady,
    );
    await until(() => api.osType);
    await Promise.all([asking(), keeping()]);
    await listening();
    await uploading();
    await wrapping();
    await stopping();
    await pooling();
    await reconnecting();
    await tried('destroy', async () => api.destroy());
}
process.exit();
