// SPDX-License-Identifier: GPL-3.0-or-later

/// The window's pages of what is watched: programs and trace files.

#include <app/workbench/main_window.h>

#include <app/workbench/attach_dialog.h>
#include <app/workbench/comparison_page.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>

#include <widgets/format.h>
#include <widgets/instruments/attached_source.h>
#include <widgets/instruments/trace_source.h>

#include <QFileDialog>
#include <QTabWidget>

namespace pprocess::workbench {

using namespace widgets;

InstrumentPage* MainWindow::addInstruments(std::unique_ptr<InstrumentSource> source) {
    auto* page = new InstrumentPage(std::move(source));
    addPage(page, m_pages->count());
    return page;
}

InstrumentPage* MainWindow::compareWith(std::unique_ptr<InstrumentSource> source) {
    auto* left = qobject_cast<InstrumentPage*>(frontPage());
    if (!left) {
        return addInstruments(std::move(source));
    }
    const int place = m_pages->indexOf(left);
    left->disconnect(this);
    m_pages->removeTab(place);
    auto* right = new InstrumentPage(std::move(source));
    addPage(new ComparisonPage(left, right), place);
    return right;
}

bool MainWindow::isTrace(const QString& file) {
    return file.endsWith(QLatin1String(".pptrace"), Qt::CaseInsensitive);
}

InstrumentPage* MainWindow::openTrace(const QString& file) {
    return addInstruments(std::make_unique<TraceSource>(file));
}

InstrumentPage* MainWindow::compareWithTrace(const QString& file) {
    return compareWith(std::make_unique<TraceSource>(file));
}

InstrumentPage* MainWindow::attach(const QString& nameOrPid) {
    try {
        return addInstruments(std::make_unique<AttachedSource>(inspectable_program(nameOrPid.toStdString())));
    } catch (const std::exception& error) {
        showMessage(
            MessageBar::Kind::problem,
            tr("“%1” cannot be attached to. %2").arg(nameOrPid, format::sentence(QString::fromUtf8(error.what()))));
        return nullptr;
    }
}

void MainWindow::detach() {
    if (InstrumentBoard* board = frontPage()->board()) {
        if (auto* source = qobject_cast<AttachedSource*>(&board->source())) {
            source->detach();
        }
    }
}

void MainWindow::askAttach() {
    auto* dialog = new AttachDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &AttachDialog::chosen, this, [this](qint64 pid) { attach(QString::number(pid)); });
    dialog->open();
}

void MainWindow::askTrace(const QString& title, InstrumentPage* (MainWindow::*open)(const QString& file)) {
    const QString file = QFileDialog::getOpenFileName(this, title, {}, tr("Traces (*.pptrace);;All files (*)"));
    if (!file.isEmpty()) {
        (this->*open)(file);
    }
}

} // namespace pprocess::workbench
