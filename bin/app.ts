import { tributary } from '../lib/tributary-app.ts';
import { config } from '../tributary.config.ts';

tributary({ size: config.size }).app.synth();
