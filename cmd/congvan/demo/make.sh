#!/usr/bin/env bash
# Makes the demonstration's documents and images from their sources, with LibreOffice, poppler, ImageMagick and img2pdf:
#   letter.pdf     an official letter, PDF/A-2b, from letter.fodt
#   scanned.pdf    thirty pages as an office scanner gives them: grey images, a little crooked, no text
#   signature.png  a handwritten signature in blue; seal-*.png  round seals in red (both transparent)
# Run it in this folder. Debian: libreoffice-writer-nogui poppler-utils imagemagick img2pdf fonts-liberation2 python3
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pdfa='pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
font=$(fc-match -f '%{file}' 'Liberation Serif:bold')

soffice --headless --convert-to "$pdfa" --outdir . letter.fodt >"$work/log"

python3 - >"$work/report.html" <<'PY'
print('<html><head><meta charset="utf-8"><style>body{font-family:"Liberation Serif";font-size:14pt}'
      'h2{page-break-before:always;text-align:center}td{border:1px solid #000;padding:1px}</style></head><body>')
print('<p align=center><b>BÁO CÁO<br>Tổng hợp kết quả gửi, nhận văn bản điện tử năm 2024</b></p>'
      '<p>Kèm theo Tờ trình của Uỷ ban nhân dân huyện Hải Hậu.</p>')
for page in range(2, 31):
    print(f'<h2>Phụ lục {page - 1}</h2><table width="100%"><tr><td>Stt</td><td>Đơn vị</td><td>Gửi</td><td>Nhận</td><td>Đúng hạn</td></tr>')
    for row in range(1, 19):
        sent, got = (page * 37 + row * 11) % 400 + 20, (page * 53 + row * 29) % 900 + 40
        print(f'<tr><td>{row}</td><td>Bộ phận số {row}, đợt {page - 1}</td><td>{sent}</td><td>{got}</td><td>{90 + (row * page) % 10},{row % 10}%</td></tr>')
    print('</table>')
print('</body></html>')
PY
soffice --headless --convert-to pdf:writer_web_pdf_Export --outdir "$work" "$work/report.html" >>"$work/log"
pdftoppm -r 75 -gray "$work/report.pdf" "$work/page"
for page in "$work"/page-*.pgm; do
	convert "$page" -seed 7 -rotate 0.4 -gravity center -extent 620x877 -attenuate 0.15 +noise Gaussian -level 6%,94% \
		-quality 22 "${page%.pgm}.jpg"
done
img2pdf --pagesize A4 --output scanned.pdf "$work"/page-*.jpg

convert -size 420x180 xc:none -stroke '#1a3fb0' -strokewidth 5 -fill none \
	-draw "path 'M 25,120 C 60,20 95,15 88,95 C 82,165 50,160 70,110 C 95,50 130,60 128,112 C 126,140 150,130 165,95 C 178,70 190,80 186,110 C 184,132 205,128 220,100 C 236,70 250,78 246,108 C 242,140 270,120 285,92 C 300,66 320,72 312,104 C 305,134 345,112 395,60'" \
	-strokewidth 4 -draw "path 'M 60,150 C 150,128 270,128 370,140'" signature.png
seal() { # file, upper text, middle text
	convert -size 980x90 xc:none -font "$font" -pointsize 54 -fill '#d8141c' -gravity center -annotate 0 "$2" \
		-virtual-pixel none -distort Arc '250 0 232 150' +repage "$work/arc.png"
	convert -size 520x520 xc:none -fill none -stroke '#d8141c' -strokewidth 12 -draw 'circle 260,260 260,12' \
		-strokewidth 4 -draw 'circle 260,260 260,148' "$work/ring.png"
	convert "$work/ring.png" "$work/arc.png" -gravity northwest -geometry +28+28 -composite \
		-font "$font" -pointsize 34 -fill '#d8141c' -stroke none -gravity center -annotate +0+62 "$3" -pointsize 96 \
		-font "$(fc-match -f '%{file}' 'DejaVu Sans')" -annotate +0-30 '★' "$1"
}
seal seal-commune.png 'UỶ BAN NHÂN DÂN XÃ' 'HẢI ANH'
seal seal-district.png 'UỶ BAN NHÂN DÂN HUYỆN' 'HẢI HẬU'
seal seal-province.png 'UỶ BAN NHÂN DÂN TỈNH' 'NAM ĐỊNH'
