// Asks the signing tool on this desk (VGCASignService) to fetch the document, sign it with the token, and bring it
// back. The page works without this script: the document can be signed by hand and uploaded.
'use strict';

(() => {
  const panel = document.getElementById('tool');
  const button = panel.querySelector('button');
  const at = (path) => new URL(path, window.location.href).href;

  const say = (name, words) => {
    for (const line of panel.querySelectorAll('[data-say]')) {
      line.hidden = line.dataset.say !== name;
    }
    if (words) {
      panel.querySelector('[data-say="refused"] span').textContent = words;
    }
    button.disabled = name === 'waiting';
  };

  const heard = (text) => {
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      answer = {};
    }
    if (answer.Status === 0) {
      window.location.assign(at(panel.dataset.back));
      return;
    }
    say('refused', String(answer.Message || answer.Error || ''));
  };

  button.addEventListener('click', () => {
    let opened = false;
    let answered = false;
    say('waiting');
    const tool = new WebSocket('wss://127.0.0.1:8987/' + panel.dataset.verb);
    tool.addEventListener('open', () => {
      opened = true;
      tool.send(JSON.stringify({
        FileUploadHandler: at(panel.dataset.upload),
        SessionId: '',
        JWTToken: '',
        FileName: at(panel.dataset.download),
        DocNumber: panel.dataset.number,
        IssuedDate: panel.dataset.date,
      }));
    });
    tool.addEventListener('message', (event) => {
      answered = true;
      tool.close();
      heard(event.data);
    });
    tool.addEventListener('close', () => {
      if (!answered) {
        say(opened ? 'closed' : 'absent');
      }
    });
  });
})();
