// The last minute of one stream: points as they come, gaps where samples are missing.

const WINDOW_S = 60;

export class Trace {
  constructor(canvas) {
    this.canvas = canvas;
    this.points = [];
    this.hz = 1;
    this.span = 0;
  }

  take(points, hz, span, isWhole) {
    this.hz = hz;
    this.span = span; // held by the server: the noise of a pause must not fill the frame
    this.points = isWhole ? [...points] : [...this.points, ...points];
    this.points.splice(0, this.points.length - Math.round(WINDOW_S * hz));
  }

  draw() {
    const { canvas, points, hz } = this;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    this.drawGrid(pen, width, height, scale);
    const known = points.filter((one) => one !== null);
    if (!known.length) return;
    const low = known.reduce((least, one) => Math.min(least, one));
    const high = known.reduce((most, one) => Math.max(most, one));
    const span = Math.max(this.span, high - low) || 1;
    const middle = (low + high) / 2;
    const total = Math.round(WINDOW_S * hz);
    pen.lineWidth = 1.6 * scale;
    pen.lineJoin = "round";
    pen.strokeStyle = "#7ee2a8";
    pen.beginPath();
    let isDown = false;
    points.forEach((one, place) => {
      if (one === null) {
        isDown = false;
        return;
      }
      const x = ((total - points.length + place + 1) / total) * width;
      const y = height * (0.5 - (0.84 * (one - middle)) / span);
      if (isDown) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      isDown = true;
    });
    pen.stroke();
  }

  drawGrid(pen, width, height, scale) {
    pen.fillStyle = "#2c3944";
    for (let second = 10; second < WINDOW_S; second += 10) pen.fillRect((second / WINDOW_S) * width, 0, scale, height);
  }
}
