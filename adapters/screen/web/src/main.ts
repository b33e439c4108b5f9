import { createApp } from 'vue';
import App from './App.vue';
import { begin } from './app';
import './style/tokens.css';
import './style/base.css';
import { startLanguage } from './words';

startLanguage();
createApp(App).mount('#app');
void begin();
