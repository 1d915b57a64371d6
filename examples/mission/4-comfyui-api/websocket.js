const ws = new WebSocket('ws://localhost:8188/ws');

ws.onopen = () => {
  console.log('Connected to ComfyUI WebSocket');
};

ws.onmessage = (event) => {
  if (typeof event.data !== 'string') return;  // a preview
  const message = JSON.parse(event.data);
  
  switch(message.type) {
    case 'status':
      console.log('Queue status:', message.data.status);
      break;
    case 'progress':
      console.log(`Progress: ${message.data.value}/${message.data.max}`);
      break;
    case 'executing':
      console.log('Executing node:', message.data.node);
      break;
    case 'executed':
      console.log('Completed node:', message.data.node);
      break;
  }
};

ws.onerror = (error) => {
  console.error('WebSocket error:', error);
};
