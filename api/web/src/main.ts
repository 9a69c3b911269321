import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { live } from './lib/live.svelte.js';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element with the id app');
mount(App, { target });
void live.run();
