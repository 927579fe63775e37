import { chromium } from '@playwright/test';
const base='http://127.0.0.1:9191';
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-background-networking','--disable-quic']});
const p=await b.newPage({viewport:{width:1440,height:900}});
const errs=[];
p.on('console',m=>{ if(['error','warning'].includes(m.type())) errs.push(m.text())});
p.on('pageerror',e=>errs.push('PAGEERROR '+e.message));
p.on('response',r=>{ if(r.url().includes('part-')) console.log(r.status(), r.url().split('/').pop(), Math.round(performance.now()))});
await p.goto(base+'/login');
await p.getByLabel('User name').or(p.getByLabel('Name')).first().fill('demo');
await p.getByLabel('Password').first().fill('demonstration');
await p.keyboard.press('Enter');
await p.waitForTimeout(4000);
for (const [path,name] of process.argv.slice(2).map(a=>a.split('='))) {
  await p.goto(base+path); await p.waitForTimeout(1500);
  await p.screenshot({path:'/tmp/shot-'+name+'.png'});
}
console.log(errs.join('\n'));
await b.close();
